import { expect, test } from 'vitest';
import { describePostgres, testUrl } from '../../src/eventstore/postgres/postgres.fixture.ts';
import { playDaysWork } from './dayswork.ts';
import { worse } from './worsestores.ts';

describePostgres('whatever is done to one log beside each other', () => {
  test('nobody waits for somebody who waits for him, and all locks are given back', async () => {
    const { findings, deadlocks, locks, done, ...tally } = await playDaysWork({ seed: 20261130, store: testUrl(), seconds: 12 });
    console.log(JSON.stringify({ ...tally, done }));
    expect({ findings, deadlocks, locks }).toEqual({ findings: [], deadlocks: 0, locks: [] });
    expect(Object.values(done).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5);
    expect(tally.accepted).toBeGreaterThan(20);
  }, 300_000);

  test('a server that takes its locks in another order now and then is found out', async () => {
    const environment = () => worse('takes a table before the lock, now and then');
    const { deadlocks } = await playDaysWork({ seed: 20261130, store: testUrl(), seconds: 4, environment });
    expect(deadlocks).toBeGreaterThan(0);
  }, 300_000);
});
