import { parseDecimal } from '#varve';
import { examples } from './examples.ts';
import { order } from './order/event.ts';
import { product } from './product/event.ts';
import { user } from './user/event.ts';

const { ada, lantern, heart } = examples;

/** The examples as events that happened: what tests begin with. */
export const happened = {
  adaRegistered: user.UserRegistered({ username: ada.username, email: ada.email, country: ada.country }),
  bobRegistered: user.UserRegistered({ username: 'Bob', email: null, country: null }),
  lanternAdded: product.ProductAdded({ ...lantern, price: parseDecimal(lantern.price) }),
  heartAdded: product.ProductAdded({ ...heart, price: parseDecimal(heart.price) }),
  orderPlaced: order.OrderPlaced({
    userId: ada.userId,
    username: ada.username,
    lines: [
      { sku: lantern.sku, name: lantern.name, quantity: 6, unitPrice: parseDecimal('3.39') },
      { sku: heart.sku, name: heart.name, quantity: 12, unitPrice: parseDecimal('2.50') },
    ],
    total: parseDecimal('50.34'),
    placedAt: new Date(examples.order.placedAt),
  }),
  orderPaid: order.OrderPaid({ paymentReference: 'card-4711' }),
  orderShipped: order.OrderShipped({}),
  orderCancelled: order.OrderCancelled({
    reason: 'Changed my mind',
    userId: ada.userId,
    lines: [
      { sku: lantern.sku, quantity: 6 },
      { sku: heart.sku, quantity: 12 },
    ],
    total: parseDecimal('50.34'),
    placedAt: new Date(examples.order.placedAt),
  }),
};
