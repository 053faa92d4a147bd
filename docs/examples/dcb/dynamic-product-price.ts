/**
 * A customer pays the price that was on the screen, if it is a true one: the present price, or one replaced at most ten minutes
 * ago. An order reads the prices of all its products, and none can move under the decision (https://dcb.events/examples).
 */

import { z } from 'zod';
import { Decimal, type DecimalValue, decider, events, Id, rejection } from '#varve';

const graceMs = 10 * 60_000;

const Price = z.object({ productId: Id, price: Decimal });

export const product = events(
  'product',
  { ProductDefined: Price, ProductPriceChanged: z.object({ productId: Id, newPrice: Decimal }) },
  {
    tags: { ProductDefined: ({ productId }) => [`product:${productId}`], ProductPriceChanged: ({ productId }) => [`product:${productId}`] },
  },
);

/** An order is an aggregate of its own: that prices are read for it does not make it part of any product's stream. */
export const order = events(
  'order',
  { ProductsOrdered: z.object({ items: z.array(Price) }) },
  { tags: { ProductsOrdered: ({ items }) => items.map(({ productId }) => `product:${productId}`) } },
);

/** A price and the moment another one took its place; null: it still holds. */
type Quote = { readonly price: DecimalValue; readonly until: Date | null };

const isGood = ({ until }: Quote, now: Date) => until === null || now.getTime() - until.getTime() <= graceMs;
const hasGood = (quotes: readonly Quote[], asked: DecimalValue, now: Date) =>
  quotes.some((quote) => quote.price === asked && isGood(quote, now));

const Product = decider(product)
  .starts<readonly Quote[]>([])
  .evolves({
    ProductDefined: (_, { price }) => [{ price, until: null }],
    // Quotes that were stale at this moment stay so: dropping them keeps the state small, however often the price moves.
    ProductPriceChanged: (quotes, { newPrice }, { recordedAt }) => [
      ...quotes.map(({ price, until }) => ({ price, until: until ?? recordedAt })).filter((quote) => isGood(quote, recordedAt)),
      { price: newPrice, until: null },
    ],
  });

const Order = decider(order)
  .starts(false)
  .evolves({ ProductsOrdered: () => true });

const ProductExists = rejection('ProductExists', { productId: Id }, ({ productId }) => `product "${productId}" already exists`);
const ProductNotFound = rejection('ProductNotFound', { productId: Id }, ({ productId }) => `product "${productId}" does not exist`);
const InvalidPrice = rejection('InvalidPrice', { productId: Id }, ({ productId }) => `invalid price for product "${productId}"`);
const OrderExists = rejection('OrderExists', { orderId: Id }, ({ orderId }) => `order "${orderId}" already exists`);

export const defineProduct = Product.command('defineProduct', {
  input: Price,
  stream: ({ productId }) => productId,
  refuses: { ProductExists },
  decide: (input, quotes, { refuse }) => (quotes.length > 0 ? refuse.ProductExists(input) : product.ProductDefined(input)),
});

export const changeProductPrice = Product.command('changeProductPrice', {
  input: z.object({ productId: Id, newPrice: Decimal }),
  stream: ({ productId }) => productId,
  refuses: { ProductNotFound },
  decide: (input, quotes, { refuse }) => (quotes.length > 0 ? product.ProductPriceChanged(input) : refuse.ProductNotFound(input)),
});

export const orderProducts = Order.command('orderProducts', {
  input: z.object({ orderId: Id, items: z.array(z.object({ productId: Id, displayedPrice: Decimal })).min(1) }),
  stream: ({ orderId }) => orderId,
  // As many products as the order has: the boundary of this decision is drawn by its input.
  reads: ({ items }) => ({ quotes: Product.each(items.map(({ productId }) => productId)) }),
  refuses: { InvalidPrice, OrderExists },
  decide: ({ orderId, items }, isPlaced, { reads, refuse, now }) => {
    if (isPlaced) return refuse.OrderExists({ orderId });
    const wrong = items.find(({ productId, displayedPrice }) => !hasGood(reads.quotes.get(productId) ?? [], displayedPrice, now));
    if (wrong) return refuse.InvalidPrice({ productId: wrong.productId });
    return order.ProductsOrdered({ items: items.map(({ productId, displayedPrice }) => ({ productId, price: displayedPrice })) });
  },
});
