import { expect, test } from 'vitest';
import { registerUser, shop } from '#shop';
import { administer, describePostgres, newLog, testUrl } from '../eventstore/postgres/postgres.fixture.ts';
import { apiHooks } from './api.ts';
import { open } from './open.ts';

describePostgres('of two processes on one log', () => {
  test('a read of the one sees what the other has answered, also while an earlier read is under way', async () => {
    const log = newLog();
    const one = await open(shop, testUrl(), { log });
    const other = await open(shop, testUrl(), { log });
    try {
      const earlier = await other.snapshots.take();
      const { position } = await one.send(registerUser, { userId: 'ada', username: 'Ada' }).then((outcome) => {
        if (!outcome.accepted) throw new Error('It was refused.');
        return outcome;
      });
      const later = await other.snapshots.take();
      expect([earlier.position, later.position]).toEqual([0, position]);
      for (const snapshot of [earlier, later]) snapshot.release();
    } finally {
      await one.close();
      await other.close();
      await administer(`DROP SCHEMA "${log}" CASCADE`);
    }
  }, 30_000);

  test('a stream of the log that the one begins, after it has waited for what the other has answered, begins with what comes then', async () => {
    const log = newLog();
    const one = await open(shop, testUrl(), { log });
    const other = await open(shop, testUrl(), { log });
    const register = async (userId: string) => {
      const outcome = await one.send(registerUser, { userId, username: userId });
      if (!outcome.accepted) throw new Error('It was refused.');
      return outcome.position;
    };
    try {
      const { waitFor, context } = apiHooks(other);
      expect(await waitFor(await register('ada'), 5_000)).toBe(true);
      const stream = (await (await context({ headers: {} }, undefined)).live.events({}))[Symbol.asyncIterator]();
      const first = stream.next();
      const position = await register('bob');
      expect((await first).value).toMatchObject({ position, type: 'UserRegistered' });
      await stream.return();
    } finally {
      await one.close();
      await other.close();
      await administer(`DROP SCHEMA "${log}" CASCADE`);
    }
  }, 30_000);
});
