import { z } from 'zod';
import { events } from '#varve';
import { foldUsername, usernameTag } from './username.ts';

const tagsOf = (...usernames: readonly string[]) => usernames.map((username) => usernameTag(foldUsername(username)));

/** What can have happened to a user. */
export const user = events(
  'user',
  {
    UserRegistered: z.object({ username: z.string(), email: z.string().nullable(), country: z.string().nullable() }),
    UsernameChanged: z.object({ previousUsername: z.string(), username: z.string() }),
  },
  {
    tags: {
      UserRegistered: ({ username }) => tagsOf(username),
      UsernameChanged: ({ previousUsername, username }) => tagsOf(previousUsername, username),
    },
  },
);
