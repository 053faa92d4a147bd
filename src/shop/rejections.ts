import { z } from 'zod';
import { Id, rejection } from '#varve';
import { OrderStatus } from './order/status.ts';

/** Why the shop may refuse a command, beside the reasons that every command has. Each is a type of the API. */

export const UsernameTaken = rejection(
  'UsernameTaken',
  { username: z.string().describe('The username that was asked for.') },
  ({ username }) => `The username ${JSON.stringify(username)} is taken.`,
  'Somebody has this username, in this or another case.',
);

export const UserNotFound = rejection(
  'UserNotFound',
  { userId: Id.describe('The user who was asked for.') },
  ({ userId }) => `There is no user ${JSON.stringify(userId)}.`,
  'No user of this id is registered.',
);

export const ProductNotFound = rejection(
  'ProductNotFound',
  { sku: Id.describe('The product that was asked for.') },
  ({ sku }) => `There is no product ${JSON.stringify(sku)}.`,
  'No product of this SKU was added.',
);

export const ProductExists = rejection(
  'ProductExists',
  { sku: Id.describe('The SKU that is in use.') },
  ({ sku }) => `There is a product ${JSON.stringify(sku)} already.`,
  'A product of this SKU was added before.',
);

export const OrderNotFound = rejection(
  'OrderNotFound',
  { orderId: Id.describe('The order that was asked for.') },
  ({ orderId }) => `There is no order ${JSON.stringify(orderId)}.`,
  'No order of this id was placed.',
);

export const OrderExists = rejection(
  'OrderExists',
  { orderId: Id.describe('The order id that is in use.') },
  ({ orderId }) => `There is an order ${JSON.stringify(orderId)} already.`,
  'An order of this id was placed before.',
);

export const OutOfStock = rejection(
  'OutOfStock',
  {
    sku: Id.describe('The product that falls short.'),
    requested: z.int().describe('Units that the order asks for, all its lines together.'),
    available: z.int().describe('Units that can still be ordered.'),
  },
  ({ sku, requested, available }) => `Of product ${JSON.stringify(sku)}, ${requested} were asked for and ${available} can be ordered.`,
  'The stock of a product does not suffice for the order.',
);

export const OrderStatusConflict = rejection(
  'OrderStatusConflict',
  { orderId: Id.describe('The order.'), status: OrderStatus.describe('Where it stands.') },
  ({ orderId, status }) => `Order ${JSON.stringify(orderId)} is ${status}, which does not allow it.`,
  "The order's status does not allow it (paying a cancelled order, say).",
);
