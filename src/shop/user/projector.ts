import { add, ignore, projection, subtract, zero } from '#varve';
import { order } from '../order/event.ts';
import { user } from './event.ts';
import { users } from './readtable.ts';
import { foldUsername } from './username.ts';

export const usersFromEvents = projection(users, [user, order], {
  UserRegistered: ({ id, version, data: { username, email, country } }, row) =>
    row(id).put({ userId: id, username, usernameFolded: foldUsername(username), email, country, orderCount: 0, totalSpent: zero, version }),
  UsernameChanged: ({ id, version, data: { username } }, row) =>
    row(id).update((was) => ({ ...was, username, usernameFolded: foldUsername(username), version })),
  OrderPlaced: ({ data: { userId, total } }, row) =>
    row(userId).update((was) => ({ ...was, orderCount: was.orderCount + 1, totalSpent: add(was.totalSpent, total) })),
  OrderPaid: ignore,
  OrderShipped: ignore,
  OrderCancelled: ({ data: { userId, total } }, row) =>
    row(userId).update((was) => ({ ...was, orderCount: was.orderCount - 1, totalSpent: subtract(was.totalSpent, total) })),
});
