import { z } from 'zod';
import { type Decimal, decider, Id } from '#varve';
import { Price, textUpTo, wholeNumber } from '../fields.ts';
import { shopLimits } from '../limits.ts';
import { ProductExists, ProductNotFound } from '../rejections.ts';
import { product } from './event.ts';
import { Stock } from './stock.ts';

/** One product by its own events; `price` is null before it was added. Its stock is not here: orders move it too. */
export interface ProductState {
  readonly price: Decimal | null;
}

export const Product = decider(product)
  .starts<ProductState>({ price: null })
  .evolves({
    ProductAdded: (_, { price }) => ({ price }),
    ProductRestocked: (state) => state,
    PriceChanged: (_, { price }) => ({ price }),
  });

export const addProduct = Product.command('addProduct', {
  description: 'Adds a product to what can be ordered.',
  input: z.object({
    sku: Id.describe('Its stock keeping unit: the id that it is to have.'),
    name: textUpTo(shopLimits.productNameLengthMax).describe('What it is called.'),
    price: Price.describe('What one unit costs.'),
    stock: wholeNumber(0, shopLimits.productUnitsMax).default(0).describe('Units that there are at first.'),
  }),
  stream: ({ sku }) => sku,
  refuses: { ProductExists },
  decide: ({ sku, name, price, stock }, state, { refuse }) =>
    state.price === null ? product.ProductAdded({ sku, name, price, stock }) : refuse.ProductExists({ sku }),
});

export const restockProduct = Product.command('restockProduct', {
  description: 'Adds units to the stock of a product.',
  input: z.object({
    sku: Id.describe('The product.'),
    quantity: wholeNumber(1, shopLimits.productUnitsMax).describe('Units that came in.'),
  }),
  stream: ({ sku }) => sku,
  reads: ({ sku }) => ({ onSale: Stock.at(sku) }),
  refuses: { ProductNotFound },
  decide: ({ sku, quantity }, _, { reads: { onSale }, refuse }) => {
    if (!onSale) return refuse.ProductNotFound({ sku });
    // Units sold count as well: a cancelled order gives them back.
    const room = shopLimits.productUnitsMax - onSale.stock - onSale.sold;
    if (quantity > room)
      return refuse.InvalidInput([{ path: ['quantity'], message: `must be at most ${room}: more units of one product cannot be kept` }]);
    return product.ProductRestocked({ sku, quantity });
  },
});

export const changePrice = Product.command('changePrice', {
  description: 'Changes what a product costs from now on; orders placed before keep their prices.',
  input: z.object({ sku: Id.describe('The product.'), price: Price.describe('What one unit is to cost.') }),
  stream: ({ sku }) => sku,
  refuses: { ProductNotFound },
  decide: ({ sku, price }, { price: previousPrice }, { refuse }) => {
    if (previousPrice === null) return refuse.ProductNotFound({ sku });
    return price === previousPrice ? [] : product.PriceChanged({ sku, previousPrice, price });
  },
});
