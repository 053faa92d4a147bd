import { describe, expect, test } from 'vitest';
import { type DecimalValue, InvalidInput, parseDecimal, type Scenario, scenario, subtract } from '#varve';
import { dailySales } from '../dailysales/readtable.ts';
import { examples } from '../examples.ts';
import { happened } from '../given.fixture.ts';
import { shop } from '../index.ts';
import { shopLimits } from '../limits.ts';
import { product } from '../product/event.ts';
import { users } from '../user/readtable.ts';
import { cancelOrder, placeOrder } from './decider.ts';
import { order } from './event.ts';
import { totalsFault } from './totals.ts';

const { totalOrdersMax, totalUnitsMax, totalAmountMax } = shopLimits;
const price = parseDecimal;
const day = '2010-12-01';
const now = new Date(examples.order.placedAt);

/** Bolts and nails without end, and one order of bolts by Ada that leaves room for so many units more, and so much. */
function full({ units = totalUnitsMax, amount = totalAmountMax }: { readonly units?: number; readonly amount?: DecimalValue }): Scenario {
  const lines = [{ sku: 'bolt', name: 'bolt', quantity: totalUnitsMax - units, unitPrice: price('0') }];
  return scenario(shop, { now })
    .given('ada', happened.adaRegistered)
    .given('bob', happened.bobRegistered)
    .given('bolt', product.ProductAdded({ sku: 'bolt', name: 'bolt', price: price('1'), stock: totalUnitsMax }))
    .given('nail', product.ProductAdded({ sku: 'nail', name: 'nail', price: price('1'), stock: totalUnitsMax }))
    .given('first', order.OrderPlaced({ userId: 'ada', username: 'Ada', lines, total: subtract(totalAmountMax, amount), placedAt: now }));
}

const nails = (quantity: number, more: { readonly userId?: string; readonly placedAt?: string } = {}) => ({
  orderId: 'next',
  userId: 'bob',
  lines: [{ sku: 'nail', quantity }],
  ...more,
});
const otherDay = { placedAt: '2010-12-02T00:00:00Z' };
const refusal = (message: string) => ({ issues: [{ path: ['lines'], message }] });

describe('a day', () => {
  test('takes no more units than its read table can add up, until some are cancelled', async () => {
    await full({ units: 5 })
      .when(placeOrder, nails(6))
      .thenRefused(InvalidInput, refusal(`must have at most 5 units: more of the day ${day} cannot be kept`))
      .again();
    await full({ units: 5 }).when(placeOrder, nails(5)).thenRow(dailySales, day, { units: totalUnitsMax, orders: 2 });
    await full({ units: 5 })
      .when(cancelOrder, { orderId: 'first', reason: 'Too many' })
      .when(placeOrder, nails(6))
      .thenRow(dailySales, day, { units: 6, orders: 1 });
    await full({ units: 5 }).when(placeOrder, nails(6, otherDay)).thenRow(dailySales, '2010-12-02', { units: 6 });
  });

  test('takes no more money than its read table can add up', async () => {
    await full({ amount: price('5.5') })
      .when(placeOrder, nails(6))
      .thenRefused(InvalidInput, refusal(`must not come to more than 5.50: more of the day ${day} cannot be kept`));
    await full({ amount: price('5.5') })
      .when(placeOrder, nails(5))
      .thenRow(dailySales, day, { revenue: subtract(totalAmountMax, price('0.5')) });
  });

  test('is that of now where the order does not say, as here, and the same where it does', async () => {
    await full({ units: 5 })
      .when(placeOrder, { ...nails(6), placedAt: now.toISOString() })
      .thenRefused(InvalidInput);
  });
});

describe('a user', () => {
  test('orders no more than the read table can add up, on whatever day', async () => {
    await full({ amount: price('5.5') })
      .when(placeOrder, nails(6, { userId: 'ada', ...otherDay }))
      .thenRefused(InvalidInput, refusal('must not come to more than 5.50: more of user ada cannot be kept'));
    await full({ amount: price('5.5') })
      .when(placeOrder, nails(5, { userId: 'ada', ...otherDay }))
      .thenRow(users, 'ada', { totalSpent: subtract(totalAmountMax, price('0.5')), orderCount: 2 });
    await full({ amount: price('5.5') })
      .when(placeOrder, nails(6, otherDay))
      .thenRow(users, 'bob', { totalSpent: price('6') });
  });
});

test('no day and no user has more orders than the read table can count', () => {
  const placed = { lines: [{ sku: 'nail', quantity: 1 }], total: price('1') };
  const faultAt = (orders: number) => totalsFault('user ada', { orders, units: 0, amount: price('0') }, placed);
  expect(faultAt(totalOrdersMax - 1)).toBeUndefined();
  expect(faultAt(totalOrdersMax)).toBe('are one order too many: no more orders of user ada can be kept');
});
