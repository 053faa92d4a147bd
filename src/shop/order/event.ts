import { z } from 'zod';
import { Decimal, events, Id, Instant } from '#varve';
import { dayOf } from './day.ts';
import { unitsBySku } from './line.ts';

interface Ordered {
  readonly userId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly placedAt: Date;
}

/** All that an order adds to, and that a cancelled one is taken out of. */
const tagsOf = ({ userId, lines, placedAt }: Ordered) => [
  `user:${userId}`,
  `day:${dayOf(placedAt)}`,
  ...[...unitsBySku(lines).keys()].map((sku) => `product:${sku}`),
];

/** What can have happened to an order. Events say all that others need of them: no reader has to look up an earlier one. */
export const order = events(
  'order',
  {
    OrderPlaced: z.object({
      userId: Id,
      username: z.string(),
      lines: z.array(z.object({ sku: Id, name: z.string(), quantity: z.int(), unitPrice: Decimal })).min(1),
      total: Decimal,
      placedAt: Instant,
    }),
    OrderPaid: z.object({ paymentReference: z.string() }),
    OrderShipped: z.object({}),
    /** With what goes back, and where from: units of each product once, whatever the lines were. */
    OrderCancelled: z.object({
      reason: z.string(),
      userId: Id,
      lines: z.array(z.object({ sku: Id, quantity: z.int() })).min(1),
      total: Decimal,
      placedAt: Instant,
    }),
  },
  { tags: { OrderPlaced: tagsOf, OrderCancelled: tagsOf } },
);
