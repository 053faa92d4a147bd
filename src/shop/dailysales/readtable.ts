import { decimal, int, table, text } from '#varve';

/** What each day brought. */
export const dailySales = table(
  'daily_sales',
  {
    day: text('The UTC day on which the orders were placed: YYYY-MM-DD.'),
    orders: int('Orders placed.'),
    units: int('Units in them.'),
    revenue: decimal('What they come to.'),
  },
  { key: 'day', description: "One UTC day's orders, cancelled ones taken out again." },
);
