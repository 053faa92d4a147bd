import { ignore, projection } from '#varve';
import { user } from '../user/event.ts';
import { order } from './event.ts';
import { amountOf } from './line.ts';
import { orders } from './readtable.ts';

export const ordersFromEvents = projection(orders, [order, user], {
  OrderPlaced: ({ id, version, data }, row) =>
    row(id).put({ ...data, orderId: id, status: 'OPEN', lines: data.lines.map((line) => ({ ...line, amount: amountOf(line) })), version }),
  OrderPaid: ({ id, version }, row) => row(id).update((was) => ({ ...was, status: 'PAID', version })),
  OrderShipped: ({ id, version }, row) => row(id).update((was) => ({ ...was, status: 'SHIPPED', version })),
  OrderCancelled: ({ id, version }, row) => row(id).update((was) => ({ ...was, status: 'CANCELLED', version })),
  UserRegistered: ignore,
  UsernameChanged: ({ id, data: { username } }, row) => row.where({ userId: id }).update((was) => ({ ...was, username })),
});
