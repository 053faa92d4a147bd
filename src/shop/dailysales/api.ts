import { expose } from '#varve';
import { dailySalesFromEvents } from './projector.ts';

export const dailySalesApi = expose(dailySalesFromEvents, {
  type: 'DailySales',
  list: { field: 'dailySales', description: 'What each day brought, earliest first, page by page.' },
  live: true,
});
