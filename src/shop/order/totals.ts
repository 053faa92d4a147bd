import { add, type Decimal, fold, formatDecimal, subtract, zero } from '#varve';
import { shopLimits } from '../limits.ts';
import { order } from './event.ts';
import { unitsOf } from './line.ts';

/** What orders that are not cancelled come to together. */
export interface Totals {
  readonly orders: number;
  readonly units: number;
  readonly amount: Decimal;
}

const nothing: Totals = { orders: 0, units: 0, amount: zero };

interface Ordered {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly total: Decimal;
}

const steps = {
  OrderPlaced: ({ orders, units, amount }: Totals, { lines, total }: Ordered): Totals => ({
    orders: orders + 1,
    units: units + unitsOf(lines),
    amount: add(amount, total),
  }),
  OrderCancelled: ({ orders, units, amount }: Totals, { lines, total }: Ordered): Totals => ({
    orders: orders - 1,
    units: units - unitsOf(lines),
    amount: subtract(amount, total),
  }),
};

/** Read before an order is placed, so that what read tables add up of a day stays a number that they can hold. */
export const OfDay = fold('ordersOfDay', [order])
  .by((day) => [`day:${day}`])
  .starts(nothing)
  .evolves(steps);

/** The same of a user. */
export const OfUser = fold('ordersOfUser', [order])
  .by((userId) => [`user:${userId}`])
  .starts(nothing)
  .evolves(steps);

/** Why an order would be too much beside the others of its day or user, in words that follow "lines"; undefined where it would not. */
export function totalsFault(whose: string, { orders, units, amount }: Totals, { lines, total }: Ordered): string | undefined {
  const { totalOrdersMax, totalUnitsMax, totalAmountMax } = shopLimits;
  const room = { units: totalUnitsMax - units, amount: subtract(totalAmountMax, amount) };
  if (orders >= totalOrdersMax) return `are one order too many: no more orders of ${whose} can be kept`;
  if (unitsOf(lines) > room.units) return `must have at most ${room.units} units: more of ${whose} cannot be kept`;
  return total > room.amount ? `must not come to more than ${formatDecimal(room.amount)}: more of ${whose} cannot be kept` : undefined;
}
