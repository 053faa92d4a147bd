import { type Decimal, fold } from '#varve';
import { order } from '../order/event.ts';
import { unitsOf } from '../order/line.ts';
import { product } from './event.ts';

/** A product as an order sees it. */
export interface ProductOnSale {
  readonly name: string;
  readonly price: Decimal;
  /** Units that can still be ordered. */
  readonly stock: number;
  /** Units in orders that are not cancelled. */
  readonly sold: number;
}

const move = (was: ProductOnSale | null, units: number): ProductOnSale | null =>
  was && { ...was, stock: was.stock - units, sold: was.sold + units };

/**
 * What can be sold of a product, from all that moves it: its own events and those of orders, which carry its tag. Null: no
 * such product. An order that was decided on this reading can only be stored while the reading is still true.
 */
export const Stock = fold('stock', [product, order])
  .by((sku) => [`product:${sku}`])
  .starts<ProductOnSale | null>(null)
  .evolves({
    ProductAdded: (_, { name, price, stock }) => ({ name, price, stock, sold: 0 }),
    ProductRestocked: (was, { quantity }) => was && { ...was, stock: was.stock + quantity },
    PriceChanged: (was, { price }) => was && { ...was, price },
    OrderPlaced: (was, { lines }, { key }) => move(was, unitsOf(lines, key)),
    OrderCancelled: (was, { lines }, { key }) => move(was, -unitsOf(lines, key)),
  });
