import { decimal, hidden, id, int, optional, table, text } from '#varve';

/** Who is registered, and what they ordered. */
export const users = table(
  'users',
  {
    userId: id('The id that the user was registered with.'),
    username: text('The name that the user goes by now.'),
    usernameFolded: hidden(text('The username as it is compared.')),
    email: optional(text('Where the user gets e-mail.')),
    country: optional(text('Where the user lives.')),
    orderCount: int('Orders, without cancelled ones.'),
    totalSpent: decimal('What the orders come to, without cancelled ones.'),
    version: int('How often the user has changed: give it as `expectedVersion`.'),
  },
  { key: 'userId', description: 'Somebody who can order.', indexes: [['usernameFolded'], ['totalSpent']] },
);
