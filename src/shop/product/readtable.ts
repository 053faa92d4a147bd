import { decimal, id, int, table, text } from '#varve';

/** What can be ordered. */
export const products = table(
  'products',
  {
    sku: id('Its stock keeping unit.'),
    name: text('What it is called.'),
    price: decimal('What one unit costs now.'),
    stock: int('Units that can still be ordered.'),
    unitsSold: int('Units in orders that are not cancelled.'),
    version: int('How often the product itself has changed: give it as `expectedVersion`. Orders do not count.'),
  },
  { key: 'sku', description: 'Something that can be ordered.', indexes: [['name'], ['stock'], ['unitsSold']] },
);
