import { z } from 'zod';
import { decider, fold, Id } from '#varve';
import { textUpTo } from '../fields.ts';
import { shopLimits } from '../limits.ts';
import { UserNotFound, UsernameTaken } from '../rejections.ts';
import { user } from './event.ts';
import { foldUsername, usernameTag } from './username.ts';

/** One user; `username` is null before the registration. */
export interface UserState {
  readonly username: string | null;
}

export const User = decider(user)
  .starts<UserState>({ username: null })
  .evolves({
    UserRegistered: (_, { username }) => ({ username }),
    UsernameChanged: (_, { username }) => ({ username }),
  });

/** Who has a username, by its folded form: read before it is claimed, so that no two users can claim it at once. */
const Username = fold('username', [user])
  .by((folded) => [usernameTag(folded)])
  .starts<{ readonly heldBy: string | null }>({ heldBy: null })
  .evolves({
    UserRegistered: (_, __, { id }) => ({ heldBy: id }),
    // Both names may fold to this one, where only the case was changed: then it stays.
    UsernameChanged: (_, { username }, { id, key }) => ({ heldBy: foldUsername(username) === key ? id : null }),
  });

const UsernameInput = textUpTo(shopLimits.usernameLengthMax);

export const registerUser = User.command('registerUser', {
  description: 'Registers a user. Usernames are unique without regard to case, also under concurrent registrations.',
  input: z.object({
    userId: Id.describe('The id that the user is to have.'),
    username: UsernameInput.describe('The name that the user is to go by.'),
    email: z
      .string()
      .trim()
      .max(shopLimits.emailLengthMax, `must have at most ${shopLimits.emailLengthMax} characters`)
      .regex(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, 'must be an e-mail address such as "ada@example.com"')
      .nullish()
      .describe('Where the user gets e-mail.'),
    country: textUpTo(shopLimits.countryLengthMax).nullish().describe('Where the user lives.'),
  }),
  stream: ({ userId }) => userId,
  reads: ({ username }) => ({ holder: Username.at(foldUsername(username)) }),
  refuses: { UsernameTaken },
  decide: ({ username, email, country }, state, { reads, refuse }) => {
    // Also where the user registered with this very name before: whoever imports users twice hears that they are there.
    if (reads.holder.heldBy !== null) return refuse.UsernameTaken({ username });
    if (state.username !== null) return refuse.InvalidInput([{ path: ['userId'], message: 'is registered already' }]);
    return user.UserRegistered({ username, email: email ?? null, country: country ?? null });
  },
});

export const changeUsername = User.command('changeUsername', {
  description: 'Gives a user another username. Frees the old username for others.',
  input: z.object({
    userId: Id.describe('The user.'),
    username: UsernameInput.describe('The new username; the present one in another case is allowed.'),
  }),
  stream: ({ userId }) => userId,
  reads: ({ username }) => ({ holder: Username.at(foldUsername(username)) }),
  refuses: { UserNotFound, UsernameTaken },
  decide: ({ userId, username }, { username: previousUsername }, { reads, refuse }) => {
    if (previousUsername === null) return refuse.UserNotFound({ userId });
    if (username === previousUsername) return [];
    if (reads.holder.heldBy !== null && reads.holder.heldBy !== userId) return refuse.UsernameTaken({ username });
    return user.UsernameChanged({ previousUsername, username });
  },
});
