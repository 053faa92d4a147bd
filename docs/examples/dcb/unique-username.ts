/**
 * A name belongs to one account at a time, with no unique index and no reservation: the decision reads every event that
 * ever took or freed the name, and holds only if none was added meanwhile (https://dcb.events/examples).
 */

import { z } from 'zod';
import { decider, events, fold, Id, rejection } from '#varve';

const retentionMs = 3 * 24 * 3_600_000;

/** A change of name concerns two names, so it carries two tags: whoever asks after either of them finds it. */
export const account = events(
  'account',
  {
    AccountRegistered: z.object({ username: Id }),
    AccountClosed: z.object({ username: Id }),
    UsernameChanged: z.object({ oldUsername: Id, newUsername: Id }),
  },
  {
    tags: {
      AccountRegistered: ({ username }) => [`username:${username}`],
      AccountClosed: ({ username }) => [`username:${username}`],
      UsernameChanged: ({ oldUsername, newUsername }) => [`username:${oldUsername}`, `username:${newUsername}`],
    },
  },
);

/** An account's own past says nothing of whether a name is free: no state. Its stream is named after the name it began with. */
const Account = decider(account)
  .starts(null)
  .evolves({ AccountRegistered: () => null, AccountClosed: () => null, UsernameChanged: () => null });

type Claim = { readonly is: 'free' } | { readonly is: 'taken' } | { readonly is: 'released'; readonly at: Date };

/**
 * What has become of one name. It keeps the moment of release rather than "free by now": a state is folded once and
 * kept, while the present moves on, so only the decision may compare the two.
 */
const Username = fold('username', [account])
  .by((username) => [`username:${username}`])
  .starts<Claim>({ is: 'free' })
  .evolves({
    AccountRegistered: () => ({ is: 'taken' }),
    AccountClosed: (_, __, { recordedAt }) => ({ is: 'released', at: recordedAt }),
    UsernameChanged: (_, { newUsername }, { key, recordedAt }) =>
      newUsername === key ? { is: 'taken' } : { is: 'released', at: recordedAt },
  });

const UsernameClaimed = rejection('UsernameClaimed', { username: Id }, ({ username }) => `Username "${username}" is claimed`);

/** A command is a value, so a rule that comes in two strengths is an argument. */
const register = (name: string, isClaimed: (claim: Claim, now: Date) => boolean) =>
  Account.command(name, {
    input: z.object({ username: Id }),
    stream: ({ username }) => username,
    reads: ({ username }) => ({ claim: Username.at(username) }),
    refuses: { UsernameClaimed },
    decide: (input, _, { reads, refuse, now }) =>
      isClaimed(reads.claim, now) ? refuse.UsernameClaimed(input) : account.AccountRegistered(input),
  });

/** A name that was given up is free at once: the source's first three features. */
export const registerAccount = register('registerAccount', ({ is }) => is === 'taken');

/** A name that was given up stays claimed for three days, the last moment included: the source's fourth feature. */
export const registerAccountAfterRetention = register('registerAccountAfterRetention', (claim, now) =>
  claim.is === 'released' ? now.getTime() - claim.at.getTime() <= retentionMs : claim.is === 'taken',
);
