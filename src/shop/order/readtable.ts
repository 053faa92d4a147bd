import { decimal, id, instant, int, list, oneOf, table, text } from '#varve';
import { orderStatuses } from './status.ts';

/** What was ordered. */
export const orders = table(
  'orders',
  {
    orderId: id('The id that the order was placed with.'),
    status: oneOf('OrderStatus', orderStatuses, 'Where the order stands.'),
    userId: id('Who ordered.'),
    username: text("Follows the user's present username, on old orders too."),
    lines: list(
      'OrderLine',
      {
        sku: id('What was ordered.'),
        name: text('What it was called when it was ordered.'),
        quantity: int('Units of it.'),
        unitPrice: decimal('What one unit cost in this order.'),
        amount: decimal('What the line comes to.'),
      },
      'Units of one product at one price; a product may stand in several lines.',
    ),
    total: decimal('What all lines come to.'),
    placedAt: instant('When the order was placed.'),
    version: int('How often the order has changed: give it as `expectedVersion`.'),
  },
  {
    key: 'orderId',
    description: 'Products that a user ordered together.',
    indexes: [['userId', 'placedAt'], ['status', 'placedAt'], ['placedAt'], ['total']],
  },
);
