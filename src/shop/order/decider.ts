import { z } from 'zod';
import { type Decimal, decider, Id } from '#varve';
import { Moment, Price, textUpTo, wholeNumber } from '../fields.ts';
import { shopLimits } from '../limits.ts';
import { Stock } from '../product/stock.ts';
import { OrderExists, OrderNotFound, OrderStatusConflict, OutOfStock, ProductNotFound, UserNotFound } from '../rejections.ts';
import { User } from '../user/decider.ts';
import { dayOf } from './day.ts';
import { order } from './event.ts';
import { linesFault, totalOf, unitsBySku, unitsOf } from './line.ts';
import { OfDay, OfUser, totalsFault } from './totals.ts';

/** What cancelling has to take back. */
interface Placed {
  readonly userId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly total: Decimal;
  readonly placedAt: Date;
}

/** One order; shipped or cancelled, it can change no more. */
export type OrderState =
  | { readonly status: 'NONE' }
  | { readonly status: 'OPEN' | 'PAID'; readonly placed: Placed }
  | { readonly status: 'SHIPPED' | 'CANCELLED' };

export const Order = decider(order)
  .starts<OrderState>({ status: 'NONE' })
  .evolves({
    OrderPlaced: (_, placed) => ({ status: 'OPEN', placed }),
    OrderPaid: (state) => (state.status === 'OPEN' ? { ...state, status: 'PAID' } : state),
    OrderShipped: () => ({ status: 'SHIPPED' }),
    OrderCancelled: () => ({ status: 'CANCELLED' }),
  });

const OrderLineInput = z
  .object({
    sku: Id.describe('The product.'),
    quantity: wholeNumber(1, shopLimits.orderUnitsMax).describe('Units of it.'),
    unitPrice: Price.nullish().describe("What one unit costs in this order. Left out: the product's price now."),
  })
  .meta({ graphql: 'OrderLineInput', description: 'Units of one product; an order may name a product in several lines.' });

export const placeOrder = Order.command('placeOrder', {
  description: 'Places an order, all lines or nothing: takes the stock of every line in one decision; stock never falls below 0.',
  input: z.object({
    orderId: Id.describe('The id that the order is to have.'),
    userId: Id.describe('Who orders.'),
    lines: z
      .array(OrderLineInput)
      .min(1, 'must have at least one line')
      .max(shopLimits.orderLinesMax, `must have at most ${shopLimits.orderLinesMax} lines`)
      .refine((lines) => unitsOf(lines) <= shopLimits.orderUnitsMax, `must have at most ${shopLimits.orderUnitsMax} units in all`)
      .describe('What is ordered.'),
    placedAt: Moment.nullish().describe('When it was placed. Left out: now.'),
  }),
  stream: ({ orderId }) => orderId,
  reads: ({ userId, lines, placedAt }, now) => ({
    user: User.at(userId),
    stock: Stock.each(lines.map(({ sku }) => sku)),
    ofUser: OfUser.at(userId),
    ofDay: OfDay.at(dayOf(placedAt ?? now)),
  }),
  refuses: { OrderExists, UserNotFound, ProductNotFound, OutOfStock },
  decide: ({ orderId, userId, lines: asked, placedAt }, { status }, { reads: { user, stock, ofUser, ofDay }, refuse, now }) => {
    if (status !== 'NONE') return refuse.OrderExists({ orderId });
    if (user.username === null) return refuse.UserNotFound({ userId });
    const lines = [];
    for (const { sku, quantity, unitPrice } of asked) {
      const product = stock.get(sku);
      if (!product) return refuse.ProductNotFound({ sku });
      lines.push({ sku, name: product.name, quantity, unitPrice: unitPrice ?? product.price });
    }
    for (const [sku, requested] of unitsBySku(lines)) {
      const available = stock.get(sku)?.stock ?? 0;
      if (requested > available) return refuse.OutOfStock({ sku, requested, available });
    }
    const faulty = linesFault(lines);
    if (faulty !== undefined) return refuse.InvalidInput([{ path: ['lines'], message: faulty }]);
    const placed = { userId, username: user.username, lines, total: totalOf(lines), placedAt: placedAt ?? now };
    const tooMuch = totalsFault(`the day ${dayOf(placed.placedAt)}`, ofDay, placed) ?? totalsFault(`user ${userId}`, ofUser, placed);
    return tooMuch === undefined ? order.OrderPlaced(placed) : refuse.InvalidInput([{ path: ['lines'], message: tooMuch }]);
  },
});

const orderId = Id.describe('The order.');

export const payOrder = Order.command('payOrder', {
  description: 'Records that an order was paid: OPEN -> PAID.',
  input: z.object({
    orderId,
    paymentReference: textUpTo(shopLimits.paymentReferenceLengthMax).describe("The payment's name at whoever took it."),
  }),
  stream: (input) => input.orderId,
  refuses: { OrderNotFound, OrderStatusConflict },
  decide: ({ orderId, paymentReference }, { status }, { refuse }) => {
    if (status === 'NONE') return refuse.OrderNotFound({ orderId });
    return status === 'OPEN' ? order.OrderPaid({ paymentReference }) : refuse.OrderStatusConflict({ orderId, status });
  },
});

export const shipOrder = Order.command('shipOrder', {
  description: 'Records that a paid order left the house: PAID -> SHIPPED.',
  input: z.object({ orderId }),
  stream: (input) => input.orderId,
  refuses: { OrderNotFound, OrderStatusConflict },
  decide: ({ orderId }, { status }, { refuse }) => {
    if (status === 'NONE') return refuse.OrderNotFound({ orderId });
    return status === 'PAID' ? order.OrderShipped({}) : refuse.OrderStatusConflict({ orderId, status });
  },
});

export const cancelOrder = Order.command('cancelOrder', {
  description: 'Cancels an order: OPEN or PAID -> CANCELLED; gives the stock back.',
  input: z.object({ orderId, reason: textUpTo(shopLimits.reasonLengthMax).describe('Why.') }),
  stream: (input) => input.orderId,
  refuses: { OrderNotFound, OrderStatusConflict },
  decide: ({ orderId, reason }, state, { refuse }) => {
    if (state.status === 'NONE') return refuse.OrderNotFound({ orderId });
    if (!('placed' in state)) return refuse.OrderStatusConflict({ orderId, status: state.status });
    const { userId, lines, total, placedAt } = state.placed;
    const givenBack = [...unitsBySku(lines)].map(([sku, quantity]) => ({ sku, quantity }));
    return order.OrderCancelled({ reason, userId, lines: givenBack, total, placedAt });
  },
});
