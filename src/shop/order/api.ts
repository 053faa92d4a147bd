import { expose } from '#varve';
import { Order } from './decider.ts';
import { ordersFromEvents } from './projector.ts';

export const ordersApi = expose(ordersFromEvents, {
  type: 'Order',
  aggregate: Order,
  one: { order: { by: 'orderId', description: 'The order of this id.' } },
  list: {
    field: 'orders',
    filter: {
      userId: { column: 'userId', is: 'equal', description: 'Only orders of this user.' },
      status: { column: 'status', is: 'in', description: 'Only orders that stand at one of these.' },
      placedFrom: { column: 'placedAt', is: 'atLeast', description: 'Only orders placed at this moment or later.' },
      placedBefore: { column: 'placedAt', is: 'below', description: 'Only orders placed before this moment.' },
    },
    orderBy: { PLACED_AT: 'placedAt', TOTAL: 'total' },
    description: 'All orders, or those that the filter lets through, page by page.',
  },
  live: true,
  relations: { user: { one: 'User', by: 'userId', description: 'Who ordered.' } },
  entries: { OrderLine: { product: { one: 'Product', by: 'sku', nullable: true, description: 'The product as it is now.' } } },
});
