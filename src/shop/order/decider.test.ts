import { describe, test } from 'vitest';
import { InvalidInput, parseDecimal, scenario } from '#varve';
import { examples } from '../examples.ts';
import { happened } from '../given.fixture.ts';
import { shop } from '../index.ts';
import { changePrice } from '../product/decider.ts';
import { product } from '../product/event.ts';
import { products } from '../product/readtable.ts';
import { OrderExists, OrderNotFound, OrderStatusConflict, OutOfStock, ProductNotFound, UserNotFound } from '../rejections.ts';
import { users } from '../user/readtable.ts';
import { cancelOrder, payOrder, placeOrder, shipOrder } from './decider.ts';
import type { order } from './event.ts';
import { orders } from './readtable.ts';

const { lantern, heart } = examples;
const { orderId } = examples.order;
const { adaRegistered, lanternAdded, heartAdded, orderPlaced, orderPaid, orderShipped, orderCancelled } = happened;
const price = parseDecimal;

/** A shop with Ada, 20 lanterns and 100 hearts, and what happened to the example's order. */
const given = (...facts: readonly ReturnType<(typeof order)['OrderPlaced' | 'OrderPaid' | 'OrderShipped' | 'OrderCancelled']>[]) =>
  scenario(shop)
    .given('ada', adaRegistered)
    .given(lantern.sku, lanternAdded)
    .given(heart.sku, heartAdded)
    .given(orderId, ...facts);

const place = (lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice?: string | null }[], more = {}) => ({
  orderId,
  userId: 'ada',
  lines,
  ...more,
});

describe('placeOrder', () => {
  test('takes the stock of every line', async () => {
    await given()
      .when(placeOrder, examples.order)
      .thenEvents(orderPlaced)
      .thenRow(orders, orderId, {
        status: 'OPEN',
        userId: 'ada',
        username: 'Ada',
        total: price('50.34'),
        placedAt: new Date(examples.order.placedAt),
        version: 1,
        lines: [
          { sku: lantern.sku, name: lantern.name, quantity: 6, unitPrice: price('3.39'), amount: price('20.34') },
          { sku: heart.sku, name: heart.name, quantity: 12, unitPrice: price('2.50'), amount: price('30.00') },
        ],
      })
      .thenRow(products, lantern.sku, { stock: 14, unitsSold: 6, version: 1 })
      .thenRow(products, heart.sku, { stock: 88, unitsSold: 12 })
      .thenRow(users, 'ada', { orderCount: 1, totalSpent: price('50.34'), version: 1 })
      .again();
  });

  test('takes the price and the time of now where they are left out or null', async () => {
    const now = new Date('2026-05-04T03:02:01Z');
    await scenario(shop, { now })
      .given('ada', adaRegistered)
      .given(lantern.sku, lanternAdded, product.PriceChanged({ sku: lantern.sku, previousPrice: price('3.39'), price: price('4') }))
      .when(
        placeOrder,
        place(
          [
            { sku: lantern.sku, quantity: 1 },
            { sku: lantern.sku, quantity: 1, unitPrice: null },
          ],
          { placedAt: null },
        ),
      )
      .thenRow(orders, orderId, { total: price('8'), placedAt: now })
      .when(changePrice, { sku: lantern.sku, price: '5' })
      .thenRow(orders, orderId, { total: price('8') });
  });

  test('sums the lines of one product, and may sell the last unit', async () => {
    await given()
      .when(
        placeOrder,
        place([
          { sku: lantern.sku, quantity: 12 },
          { sku: heart.sku, quantity: 1 },
          { sku: lantern.sku, quantity: 8 },
        ]),
      )
      .thenRow(products, lantern.sku, { stock: 0, unitsSold: 20 })
      .thenRow(products, heart.sku, { stock: 99, unitsSold: 1 })
      .when(placeOrder, place([{ sku: lantern.sku, quantity: 1 }], { orderId: 'next' }))
      .thenRefused(OutOfStock, { sku: lantern.sku, requested: 1, available: 0 });
  });

  test('refuses as a whole where the stock of one product does not suffice', async () => {
    await given()
      .when(
        placeOrder,
        place([
          { sku: heart.sku, quantity: 1 },
          { sku: lantern.sku, quantity: 12 },
          { sku: lantern.sku, quantity: 9 },
        ]),
      )
      .thenRefused(OutOfStock, { sku: lantern.sku, requested: 21, available: 20 })
      .thenRow(products, heart.sku, { stock: 100 })
      .thenNoRow(orders, orderId)
      .again();
  });

  test('refuses an order id in use, a user and a product that are not there', async () => {
    await given(orderPlaced).when(placeOrder, examples.order).thenRefused(OrderExists, { orderId });
    await given(orderPlaced, orderCancelled).when(placeOrder, examples.order).thenRefused(OrderExists, { orderId });
    await given()
      .when(placeOrder, { ...examples.order, userId: 'eve' })
      .thenRefused(UserNotFound, { userId: 'eve' });
    await given()
      .when(
        placeOrder,
        place([
          { sku: heart.sku, quantity: 1 },
          { sku: 'none', quantity: 1 },
        ]),
      )
      .thenRefused(ProductNotFound, { sku: 'none' });
  });

  test('refuses what comes to more than an order may, before any sum can leave its range', async () => {
    const rich = product.ProductAdded({ sku: 'gold', name: 'Gold', price: price('1000000'), stock: 2_000_000 });
    const refusal = { issues: [{ path: ['lines'], message: 'must not come to more than 10000000.00' }] };
    const gold = (...quantities: readonly number[]) => place(quantities.map((quantity) => ({ sku: 'gold', quantity })));
    await given().given('gold', rich).when(placeOrder, gold(1_000_000)).thenRefused(InvalidInput, refusal);
    await given().given('gold', rich).when(placeOrder, gold(10, 1)).thenRefused(InvalidInput, refusal);
    await given()
      .given('gold', rich)
      .when(placeOrder, gold(9, 1))
      .thenRow(orders, orderId, { total: price('10000000') });
  });

  test('places 2,000 lines, but not with texts too long for one event', async () => {
    const lines = (sku: string) => place(Array.from({ length: 2_000 }, () => ({ sku, quantity: 1 })));
    const added = (sku: string, name: string) => product.ProductAdded({ sku, name, price: price('1'), stock: 2_000 });
    await given()
      .given('1', added('1', 'x'.repeat(40)))
      .when(placeOrder, lines('1'))
      .thenRow(orders, orderId, { total: price('2000') });
    // What is counted is bytes: of the second name, half as many characters are too many.
    for (const name of ['"'.repeat(200), 'ü'.repeat(60)])
      await given()
        .given('1', added('1', name))
        .when(placeOrder, lines('1'))
        .thenRefused(InvalidInput, { issues: [{ path: ['lines'], message: 'have SKUs and names too long for one order: place several' }] });
  });
});

describe('payOrder', () => {
  const pay = { orderId, paymentReference: 'card-4711' };

  test('pays an open order', async () => {
    await given(orderPlaced).when(payOrder, pay).thenEvents(orderPaid).thenRow(orders, orderId, { status: 'PAID', version: 2 }).again();
  });

  test('refuses any other', async () => {
    await given().when(payOrder, pay).thenRefused(OrderNotFound, { orderId });
    await given(orderPlaced, orderPaid).when(payOrder, pay).thenRefused(OrderStatusConflict, { orderId, status: 'PAID' });
    await given(orderPlaced, orderPaid, orderShipped).when(payOrder, pay).thenRefused(OrderStatusConflict, { status: 'SHIPPED' });
    await given(orderPlaced, orderCancelled).when(payOrder, pay).thenRefused(OrderStatusConflict, { status: 'CANCELLED' });
  });
});

describe('shipOrder', () => {
  test('ships a paid order', async () => {
    await given(orderPlaced, orderPaid)
      .when(shipOrder, { orderId })
      .thenEvents(orderShipped)
      .thenRow(orders, orderId, { status: 'SHIPPED', version: 3 })
      .again();
  });

  test('refuses any other', async () => {
    await given().when(shipOrder, { orderId }).thenRefused(OrderNotFound, { orderId });
    await given(orderPlaced).when(shipOrder, { orderId }).thenRefused(OrderStatusConflict, { orderId, status: 'OPEN' });
    await given(orderPlaced, orderPaid, orderShipped).when(shipOrder, { orderId }).thenRefused(OrderStatusConflict, { status: 'SHIPPED' });
    await given(orderPlaced, orderCancelled).when(shipOrder, { orderId }).thenRefused(OrderStatusConflict, { status: 'CANCELLED' });
  });
});

describe('cancelOrder', () => {
  const cancel = { orderId, reason: 'Changed my mind' };

  for (const before of [[orderPlaced], [orderPlaced, orderPaid]]) {
    test(`gives back the stock of an order that is ${before.length === 1 ? 'open' : 'paid'}`, async () => {
      await given(...before)
        .when(cancelOrder, cancel)
        .thenEvents(orderCancelled)
        .thenRow(orders, orderId, { status: 'CANCELLED', total: price('50.34'), version: before.length + 1 })
        .thenRow(products, lantern.sku, { stock: 20, unitsSold: 0 })
        .thenRow(products, heart.sku, { stock: 100, unitsSold: 0 })
        .thenRow(users, 'ada', { orderCount: 0, totalSpent: price('0') })
        .again();
    });
  }

  test('gives units of a product back once, whatever the lines were', async () => {
    await given()
      .when(
        placeOrder,
        place([
          { sku: lantern.sku, quantity: 19 },
          { sku: lantern.sku, quantity: 1 },
        ]),
      )
      .when(cancelOrder, cancel)
      .thenRow(products, lantern.sku, { stock: 20, unitsSold: 0 })
      .when(placeOrder, place([{ sku: lantern.sku, quantity: 20 }], { orderId: 'next' }))
      .thenRow(products, lantern.sku, { stock: 0, unitsSold: 20 });
  });

  test('refuses any other', async () => {
    await given().when(cancelOrder, cancel).thenRefused(OrderNotFound, { orderId });
    await given(orderPlaced, orderPaid, orderShipped).when(cancelOrder, cancel).thenRefused(OrderStatusConflict, { status: 'SHIPPED' });
    await given(orderPlaced, orderCancelled).when(cancelOrder, cancel).thenRefused(OrderStatusConflict, { orderId, status: 'CANCELLED' });
  });
});
