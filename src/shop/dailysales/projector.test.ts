import { test } from 'vitest';
import { parseDecimal, scenario, zero } from '#varve';
import { examples } from '../examples.ts';
import { happened } from '../given.fixture.ts';
import { shop } from '../index.ts';
import { cancelOrder, payOrder, placeOrder } from '../order/decider.ts';
import { dailySales } from './readtable.ts';

const { ada, lantern, heart } = examples;
const day = '2010-12-01';
const placed = () =>
  scenario(shop)
    .given(ada.userId, happened.adaRegistered)
    .given(lantern.sku, happened.lanternAdded)
    .given(heart.sku, happened.heartAdded)
    .when(placeOrder, examples.order);

test('an order counts on the UTC day on which it was placed, and paying changes nothing', async () => {
  await placed()
    .thenRow(dailySales, day, { day, orders: 1, units: 18, revenue: parseDecimal('50.34') })
    .when(payOrder, { orderId: examples.order.orderId, paymentReference: 'card-4711' })
    .thenRow(dailySales, day, { orders: 1 })
    .when(placeOrder, {
      ...examples.order,
      orderId: 'late',
      lines: [{ sku: lantern.sku, quantity: 1 }],
      placedAt: '2010-12-02T00:30:00+01:00',
    })
    .thenRow(dailySales, day, { orders: 2, units: 19, revenue: parseDecimal('53.73') })
    .thenNoRow(dailySales, '2010-12-02');
});

test('a cancelled order is taken out of the day on which it was placed; the day stays, at zero', async () => {
  await placed()
    .when(cancelOrder, { orderId: examples.order.orderId, reason: 'Changed my mind' })
    .thenRow(dailySales, day, { orders: 0, units: 0, revenue: zero })
    .thenNoRow(dailySales, '2026-01-01')
    .again();
});
