import { z } from 'zod';
import { Decimal, events, Id } from '#varve';

const tagsOf = ({ sku }: { readonly sku: string }) => [`product:${sku}`];

/** What can have happened to a product. Its orders move its stock too, see `Stock`. */
export const product = events(
  'product',
  {
    ProductAdded: z.object({ sku: Id, name: z.string(), price: Decimal, stock: z.int() }),
    ProductRestocked: z.object({ sku: Id, quantity: z.int() }),
    PriceChanged: z.object({ sku: Id, previousPrice: Decimal, price: Decimal }),
  },
  { tags: { ProductAdded: tagsOf, ProductRestocked: tagsOf, PriceChanged: tagsOf } },
);
