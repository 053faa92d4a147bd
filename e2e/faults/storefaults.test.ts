import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { limits } from '#base';
import { describePostgres, testUrl } from '../../src/eventstore/postgres/postgres.fixture.ts';
import { subscribe } from '../client.ts';
import { LogEventsDocument } from '../generated/graphql.ts';
import { Fleet } from './fleet.ts';
import { playCuts, playLostCommits, playStandstill } from './storefaults.ts';
import { startStoreProxy } from './storeproxy.ts';

const options = () => ({ seed: 20261130, store: testUrl(), writers: 6 });
/** What a machine that is busy with other tests adds to any time. */
const slowMs = 10_000;

describePostgres('of two servers on one log', () => {
  test('one whose network to the database is cut for a second, in either direction and in both, harms nobody and goes on', async () => {
    const { findings, ...tally } = await playCuts({ ...options(), cutMs: 1_000 });
    console.log(JSON.stringify(tally));
    expect(findings).toEqual([]);
    expect(tally.otherMs).toBeLessThan(limits.lockTimeoutMs + slowMs);
    expect(tally.ownMs).toBeLessThan(slowMs);
  }, 300_000);

  test('one whose connections die between COMMIT and its answer says that it does not know, and what is sent again takes effect once', async () => {
    const { findings, ...tally } = await playLostCommits({ ...options(), times: 4 });
    console.log(JSON.stringify(tally));
    expect(findings).toEqual([]);
    expect(tally.answers['OUTCOME_UNKNOWN']).toBeGreaterThanOrEqual(4);
  }, 300_000);

  test('one that stands still with the lock keeps the other waiting for no longer than it may, and writes nothing afterwards on a lock that it lost', async () => {
    const { findings, ...tally } = await playStandstill(options());
    console.log(JSON.stringify(tally));
    expect(findings).toEqual([]);
    expect(tally.otherMs).toBeLessThan(limits.lockTimeoutMs + slowMs);
  }, 300_000);

  test('one that gets no notification at all tells its live streams what the other one writes, within seconds', async () => {
    await using proxy = await startStoreProxy(testUrl());
    proxy.dropNotifications();
    await using fleet = new Fleet({ ...options(), ways: [testUrl(), proxy.url], writers: 0 });
    await fleet.begin();
    await using stream = await subscribe(fleet.urlOf(1), LogEventsDocument, { after: '3' });
    for (let change = 1; change <= 3; change++) {
      await fleet.probe(0, slowMs);
      const since = performance.now();
      expect(Number((await stream.next()).events.position)).toBe(3 + change);
      expect(performance.now() - since).toBeLessThan(limits.followPollMs + slowMs);
    }
    // The last ones may still be on their way.
    await pause(limits.followPollMs);
    expect(proxy.dropped).toBeGreaterThan(0);
  }, 300_000);
});
