import { expose } from '#varve';
import { User } from './decider.ts';
import { usersFromEvents } from './projector.ts';
import { foldUsername } from './username.ts';

export const usersApi = expose(usersFromEvents, {
  type: 'User',
  aggregate: User,
  one: {
    user: { by: 'userId', description: 'The user of this id.' },
    userByUsername: {
      by: 'usernameFolded',
      argument: 'username',
      normalise: foldUsername,
      description: 'The user who has this username now, in any case.',
    },
  },
  list: {
    field: 'users',
    // By the folded form, so that "Zoe" comes after "ada".
    orderBy: { USERNAME: 'usernameFolded', TOTAL_SPENT: 'totalSpent' },
    description: 'All users, page by page.',
  },
  relations: { orders: { many: 'Order', by: 'userId', description: "The user's orders, cancelled ones included." } },
});
