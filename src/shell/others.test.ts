import { expect, test } from 'vitest';
import { registerUser, shop } from '#shop';
import { administer, describePostgres, newLog, testUrl } from '../eventstore/postgres/postgres.fixture.ts';
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
});
