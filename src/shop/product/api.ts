import { expose } from '#varve';
import { Product } from './decider.ts';
import { productsFromEvents } from './projector.ts';

export const productsApi = expose(productsFromEvents, {
  type: 'Product',
  aggregate: Product,
  one: { product: { by: 'sku', description: 'The product of this SKU.' } },
  list: {
    field: 'products',
    search: ['sku', 'name'],
    orderBy: { SKU: 'sku', NAME: 'name', STOCK: 'stock', UNITS_SOLD: 'unitsSold' },
    description: 'All products, page by page; `search` looks into SKU and name.',
  },
  live: true,
});
