import { expect, onTestFinished, test } from 'vitest';
import { ChainWalk } from '../chain.ts';
import { newEvent } from '../events.fixture.ts';
import type { ChainedEvent, StoredEvent } from '../port.ts';
import { administer, administrator, describePostgres, logsOfTest, newDatabase, newLog, testUrl } from './postgres.fixture.ts';
import type { PostgresStore } from './postgres.ts';

/** So many stores are as good as so many processes: nothing is shared between them but the database. */
const storesCount = 4;
const seats = Array.from({ length: 60 }, (_, i) => `seat:${i}`);

/** Books seats that look free, as they were read outside of the transaction; answers how often somebody else was quicker. */
async function book(store: PostgresStore, own: readonly string[], name: string): Promise<number> {
  let conflicts = 0;
  for (const [i, seat] of own.entries()) {
    const after = await store.position();
    if ((await store.read([{ tags: [seat] }])).length > 0) continue;
    const events = [newEvent(`tickets-${i % 5}`, { tags: [seat] }), newEvent(`of-${name}`)];
    await store.append(events, { failIfEventsMatch: [{ tags: [seat] }], after }).catch((fault) => {
      expect(fault).toMatchObject({ code: 'APPEND_CONFLICT' });
      conflicts += 1;
    });
  }
  return conflicts;
}

/** Reads on and on from where it is, as live streams do; answers what it saw when it is told that no more comes. */
async function poll(store: PostgresStore, isOver: () => boolean): Promise<readonly StoredEvent[]> {
  const seen: StoredEvent[] = [];
  for (let last = false; ; ) {
    const page = await store.read('all', { after: seen.at(-1)?.position ?? 0 });
    seen.push(...page);
    if (last && page.length === 0) return seen;
    last = isOver();
  }
}

async function chainOf(store: PostgresStore): Promise<readonly ChainedEvent[]> {
  const events: ChainedEvent[] = [];
  for await (const page of store.chain()) events.push(...page);
  return events;
}

describePostgres('many processes on one log', () => {
  const openAll = async (log = newLog()) => {
    const logs = logsOfTest();
    return Promise.all(Array.from({ length: storesCount }, () => logs.open({ log })));
  };

  test('write one after the other: positions and versions are contiguous, the chain is whole, no condition is broken, no reader misses an event', async () => {
    const stores = await openAll();
    let isOver = false;
    const reading = stores.map((store) => poll(store, () => isOver));
    const ahead = new Set<number>();
    stores[0]?.follow((position) => ahead.add(position));
    const shifted = (by: number) => [...seats.slice(by), ...seats.slice(0, by)];
    const conflicts = await Promise.all(stores.map((store, i) => book(store, shifted(i * 3), String(i))));
    isOver = true;
    const chain = await chainOf(stores[1] as PostgresStore);

    const walk = new ChainWalk();
    expect(chain.flatMap((event) => walk.next(event) ?? [])).toEqual([]);
    expect(chain.map(({ position }) => position)).toEqual(chain.map((_, i) => i + 1));
    const versions = new Map<string, number>();
    for (const { stream, version } of chain) {
      expect(version).toBe((versions.get(stream) ?? 0) + 1);
      versions.set(stream, version);
    }
    expect(chain.flatMap(({ tags }) => tags).toSorted()).toEqual(seats.toSorted());
    expect(conflicts.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
    const ids = chain.map(({ eventId }) => eventId);
    for (const seen of await Promise.all(reading)) expect(seen.map(({ eventId }) => eventId)).toEqual(ids);
    await expect.poll(() => Math.max(...ahead)).toBe(chain.length);
  }, 60_000);

  test('each decides on what the others committed: a counter that all of them raise loses nothing', async () => {
    const stores = await openAll();
    const raise = (store: PostgresStore) =>
      store.transaction(async (transaction) => {
        const count = (await transaction.read([{ stream: 'counter' }], { limit: 5_000 })).length;
        await transaction.append([newEvent('counter', { data: JSON.stringify({ count }) })]);
      });
    await Promise.all(stores.flatMap((store) => Array.from({ length: 25 }, () => raise(store))));
    const counted = (await stores[0]?.read([{ stream: 'counter' }]))?.map(({ data }) => data);
    expect(counted).toEqual(Array.from({ length: 100 }, (_, count) => JSON.stringify({ count })));
  }, 60_000);

  test.each([
    ['there', () => testUrl()],
    ['in another database of the cluster', () => newDatabase()],
  ])('a transaction that somebody else holds open %s, with an id of its own, delays neither writers nor readers', async (_, where) => {
    const log = newLog();
    const idle = await administrator(await where());
    const [store, other] = await openAll(log);
    onTestFinished(() => idle.end());
    await idle.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await idle.query("SELECT pg_current_xact_id(), pg_notify('varve', '')");
    const begun = performance.now();
    for (let i = 1; i <= 5; i++) {
      await store?.append([newEvent('a-1')]);
      expect(await other?.read('all')).toHaveLength(i);
    }
    expect(performance.now() - begun).toBeLessThan(2_000);
    // Nor more and more the longer it is open: a row that each commit had changed would by now have as many versions, all of them looked at.
    const places = await administer(`SELECT ctid::text FROM ${log}.write_lock`);
    expect(places).toEqual([{ ctid: '(0,1)' }]);
    await idle.query('COMMIT');
  });
});
