/**
 * A form that is sent twice places one order: each showing of the form has a token, and a token is good for one order
 * (https://dcb.events/examples). Varve's own `commandId` guards against a retry of the same command; a token guards against
 * what is not a retry to the machine, the same form filled in under a new order id.
 */

import { z } from 'zod';
import { decider, events, fold, Id, rejection } from '#varve';

const Placed = z.object({ orderId: Id, idempotencyToken: Id });

export const order = events(
  'order',
  { OrderPlaced: Placed },
  { tags: { OrderPlaced: ({ orderId, idempotencyToken }) => [`order:${orderId}`, `idempotency:${idempotencyToken}`] } },
);

/** True once the order is there. */
const Order = decider(order)
  .starts(false)
  .evolves({ OrderPlaced: () => true });

/** True once the token has placed an order, whichever. */
const TokenUsed = fold('tokenUsed', [order])
  .by((token) => [`idempotency:${token}`])
  .starts(false)
  .evolves({ OrderPlaced: () => true });

const Resubmission = rejection('Resubmission', {}, () => 'Re-submission');

export const placeOrder = Order.command('placeOrder', {
  input: Placed,
  stream: ({ orderId }) => orderId,
  reads: ({ idempotencyToken }) => ({ tokenUsed: TokenUsed.at(idempotencyToken) }),
  refuses: { Resubmission },
  // The same order under a new token is a second one of its kind as well.
  decide: (input, isPlaced, { reads, refuse }) => (isPlaced || reads.tokenUsed ? refuse.Resubmission({}) : order.OrderPlaced(input)),
});
