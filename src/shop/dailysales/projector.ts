import { add, ignore, projection, subtract, zero } from '#varve';
import { dayOf } from '../order/day.ts';
import { order } from '../order/event.ts';
import { unitsOf } from '../order/line.ts';
import { dailySales } from './readtable.ts';

const nothing = { orders: 0, units: 0, revenue: zero };

/** A day whose orders were all cancelled stays, at zero: it had orders, and whoever pages or watches sees it fall rather than vanish. */
export const dailySalesFromEvents = projection(dailySales, [order], {
  OrderPlaced: ({ data: { lines, total, placedAt } }, row) =>
    row(dayOf(placedAt)).upsert({ day: dayOf(placedAt), ...nothing }, ({ day, orders, units, revenue }) => ({
      day,
      orders: orders + 1,
      units: units + unitsOf(lines),
      revenue: add(revenue, total),
    })),
  OrderPaid: ignore,
  OrderShipped: ignore,
  OrderCancelled: ({ data: { lines, total, placedAt } }, row) =>
    row(dayOf(placedAt)).update(({ day, orders, units, revenue }) => ({
      day,
      orders: orders - 1,
      units: units - unitsOf(lines),
      revenue: subtract(revenue, total),
    })),
});
