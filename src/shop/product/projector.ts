import { ignore, projection } from '#varve';
import { order } from '../order/event.ts';
import { unitsBySku } from '../order/line.ts';
import { product } from './event.ts';
import { products } from './readtable.ts';

export const productsFromEvents = projection(products, [product, order], {
  ProductAdded: ({ version, data }, row) => row(data.sku).put({ ...data, unitsSold: 0, version }),
  ProductRestocked: ({ version, data: { sku, quantity } }, row) =>
    row(sku).update((was) => ({ ...was, stock: was.stock + quantity, version })),
  PriceChanged: ({ version, data: { sku, price } }, row) => row(sku).update((was) => ({ ...was, price, version })),
  // One change a product, not one a line: whoever watches the product hears of the order once.
  OrderPlaced: ({ data: { lines } }, row) =>
    [...unitsBySku(lines)].map(([sku, units]) =>
      row(sku).update((was) => ({ ...was, stock: was.stock - units, unitsSold: was.unitsSold + units })),
    ),
  OrderPaid: ignore,
  OrderShipped: ignore,
  OrderCancelled: ({ data: { lines } }, row) =>
    [...unitsBySku(lines)].map(([sku, units]) =>
      row(sku).update((was) => ({ ...was, stock: was.stock + units, unitsSold: was.unitsSold - units })),
    ),
});
