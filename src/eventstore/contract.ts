import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { limits } from '#base';
import { describeChain } from './chain.contract.ts';
import { newEvent } from './events.fixture.ts';
import { matches } from './matches.ts';
import {
  type AppendCondition,
  AppendConflict,
  type Awaitable,
  type EventStore,
  type Query,
  type QueryItem,
  type StoredEvent,
} from './port.ts';
import { describeReceipts } from './receipts.contract.ts';
import { describeExpecting, describeReading } from './turns.contract.ts';

/** What an adapter's test says: how to open an empty store, and what to do when a test is over. */
export interface Subject {
  open(): Awaitable<EventStore<unknown>>;
  clear?(): Awaitable<void>;
}

const positions = (events: readonly StoredEvent[]) => events.map(({ position }) => position);

/** What every event store must do, whatever it stands on. */
export function describeEventStore(name: string, { open, clear }: Subject): void {
  describe(`event store: ${name}`, () => {
    let store: EventStore<unknown>;
    const fresh = async () => {
      store = await open();
      return store;
    };
    afterEach(async () => {
      await store.close();
      await clear?.();
    });

    describe('appending', () => appending(fresh));
    describe('reading', () => reading(fresh));
    describe('an append condition', () => conditions(fresh));
    describe('a transaction', () => transactions(fresh));
    describe('a receipt', () => describeReceipts(fresh));
    describe('a reading', () => describeReading(fresh));
    describe('what is expected', () => describeExpecting(fresh));
    describe('the chain', () => describeChain(fresh));
  });
}

function appending(open: () => Promise<EventStore<unknown>>): void {
  test('an empty log is at position 0 and every stream at version 0', async () => {
    const store = await open();
    expect([await store.position(), await store.version('order-1'), await store.read('all')]).toEqual([0, 0, []]);
  });

  test('positions are contiguous from 1, versions contiguous from 1 in each stream', async () => {
    const store = await open();
    const first = await store.append([newEvent('a-1'), newEvent('b-1'), newEvent('a-1')]);
    const second = await store.append([newEvent('b-1'), newEvent('a-1')]);
    expect([...first, ...second].map(({ stream, position, version }) => [stream, position, version])).toEqual([
      ['a-1', 1, 1],
      ['b-1', 2, 1],
      ['a-1', 3, 2],
      ['b-1', 4, 2],
      ['a-1', 5, 3],
    ]);
    expect([await store.position(), await store.version('a-1'), await store.version('b-1')]).toEqual([5, 3, 2]);
  });

  test('an event comes back as it went in', async () => {
    const store = await open();
    const event = newEvent('order-Ünï ☃-1', {
      data: JSON.stringify({ text: `${'x'.repeat(200_000)} \u2028 "quoted" 🎄` }),
      type: 'Größer',
      schemaVersion: 3,
      tags: ['a:1'],
    });
    await store.append([event]);
    const { tags: _, ...stored } = event;
    expect(await store.read('all')).toEqual([{ ...stored, position: 1, version: 1 }]);
  });
}

function reading(open: () => Promise<EventStore<unknown>>): void {
  const filled = async () => {
    const store = await open();
    await store.append([
      newEvent('a-1', { type: 'Red', tags: ['x:1', 'y:1'] }),
      newEvent('a-2', { type: 'Blue', tags: ['x:1'] }),
      newEvent('b-1', { type: 'Red', tags: ['y:1', 'x:1'] }),
      newEvent('a-1', { type: 'Blue' }),
      newEvent('b-1', { type: 'Green', tags: ['x:2'] }),
    ]);
    return store;
  };

  test.each<[string, Query, number[]]>([
    ['everything', 'all', [1, 2, 3, 4, 5]],
    ['an empty list: nothing', [], []],
    ['a stream', [{ stream: 'a-1' }], [1, 4]],
    ['any of some types', [{ types: ['Red', 'Green'] }], [1, 3, 5]],
    ['one tag', [{ tags: ['x:1'] }], [1, 2, 3]],
    ['every one of some tags', [{ tags: ['x:1', 'y:1'] }], [1, 3]],
    ['a stream and a type', [{ stream: 'a-1', types: ['Blue'] }], [4]],
    ['a tag and a type', [{ types: ['Blue'], tags: ['x:1'] }], [2]],
    ['a stream and a tag', [{ stream: 'b-1', tags: ['x:1'] }], [3]],
    ['no type', [{ types: [] }], []],
    ['any of some items, each event once', [{ tags: ['x:1'] }, { stream: 'a-1' }, { types: ['Green'] }], [1, 2, 3, 4, 5]],
    ['an item that says nothing: everything', [{}], [1, 2, 3, 4, 5]],
    ['what is not there', [{ stream: 'a-%' }, { tags: ['x'] }, { types: ['red'] }], []],
  ])('finds by %s', async (_, query, expected) => {
    const store = await filled();
    expect(positions(await store.read(query))).toEqual(expected);
    expect(positions(await store.read(query, { after: 2 }))).toEqual(expected.filter((position) => position > 2));
    expect(positions(await store.read(query, { limit: 2 }))).toEqual(expected.slice(0, 2));
    expect(await store.read(query, { after: 5 })).toEqual([]);
  });

  test('tells which of many items each event matches, by those of its tags that they name', async () => {
    const store = await filled();
    const seen = async (...[items, options]: Parameters<typeof store.readTagged>) =>
      (await store.readTagged(items, options)).map(({ event, tags }) => [event.position, ...tags.toSorted()]);
    const either = [{ tags: ['x:1'] }, { tags: ['x:2'], types: ['Green'] }, { stream: 'a-1' }];
    expect(await seen(either)).toEqual([[1, 'x:1'], [2, 'x:1'], [3, 'x:1'], [4], [5, 'x:2']]);
    expect(await seen(either, { after: 1, limit: 2 })).toEqual([
      [2, 'x:1'],
      [3, 'x:1'],
    ]);
    expect(await seen([{ tags: ['y:1', 'x:1'] }])).toEqual([
      [1, 'x:1', 'y:1'],
      [3, 'x:1', 'y:1'],
    ]);
    expect(await seen([])).toEqual([]);
  });

  test.each<[string, (i: number) => QueryItem]>([
    ['tags', (i) => ({ tags: [`x:${i}`] })],
    ['streams', (i) => ({ stream: `a-${i}` })],
    ['pairs of tags', (i) => ({ tags: [`x:${i}`, 'y:1'] })],
  ])('takes many %s in one query', async (_, item) => {
    const store = await filled();
    const items = Array.from({ length: 900 }, (_, i) => item(i));
    expect(positions(await store.read(items)).slice(0, 2)).toEqual(positions(await store.read(items.slice(0, 5))).slice(0, 2));
    expect((await store.readTagged(items)).length).toBeGreaterThan(1);
  });

  test('gives a page where no limit is said', async () => {
    const store = await open();
    await store.append(Array.from({ length: limits.readEventsMax + 1 }, () => newEvent('a-1')));
    expect(await store.read('all')).toHaveLength(limits.readEventsMax);
  });
}

function conditions(open: () => Promise<EventStore<unknown>>): void {
  test('refuses an append exactly where an event after the position matches', async () => {
    const store = await open();
    await store.append([newEvent('a-1', { tags: ['x:1'] }), newEvent('a-2')]);
    const append = (condition: AppendCondition) => store.append([newEvent('a-3')], condition);
    const onTag = [{ tags: ['x:1'] }];
    await expect(append({ failIfEventsMatch: onTag })).rejects.toBeInstanceOf(AppendConflict);
    await expect(append({ failIfEventsMatch: onTag, after: 0 })).rejects.toMatchObject({ code: 'APPEND_CONFLICT', retryable: true });
    await expect(append({ failIfEventsMatch: 'all', after: 1 })).rejects.toBeInstanceOf(AppendConflict);
    expect(await store.position()).toBe(2);
    expect(positions(await append({ failIfEventsMatch: onTag, after: 1 }))).toEqual([3]);
    expect(positions(await append({ failIfEventsMatch: [], after: 0 }))).toEqual([4]);
    expect(positions(await append({ failIfEventsMatch: 'all', after: 4 }))).toEqual([5]);
  });

  test('lets one of many racers through', async () => {
    const store = await open();
    const race = Array.from({ length: 20 }, () =>
      store.append([newEvent('seat-1', { tags: ['seat:1'] })], { failIfEventsMatch: [{ tags: ['seat:1'] }] }),
    );
    const ended = await Promise.allSettled(race);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await store.position()).toBe(1);
  });

  test('agrees with a model, whatever is appended and asked', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const tags = fc.uniqueArray(name, { maxLength: 2 });
    const item = fc.record({ stream: name, types: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }), tags }, { requiredKeys: [] });
    const query: fc.Arbitrary<Query> = fc.oneof(fc.constant<Query>('all'), fc.array(item, { maxLength: 3 }));
    const event = fc.record({ stream: name, type: name, tags });
    const step = fc.record({
      events: fc.array(event, { minLength: 1, maxLength: 3 }),
      condition: fc.option(fc.record({ query, back: fc.nat(4) })),
      ask: query,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const store = await open();
        const model: { stream: string; type: string; tags: readonly string[] }[] = [];
        for (const { events, condition, ask } of steps) {
          const after = Math.max(0, model.length - (condition?.back ?? 0));
          const refused = condition !== null && model.some((one, i) => i >= after && matches(condition.query, one));
          const appended = store.append(
            events.map(({ stream, ...more }) => newEvent(stream, more)),
            condition ? { failIfEventsMatch: condition.query, after } : undefined,
          );
          if (refused) await expect(appended).rejects.toBeInstanceOf(AppendConflict);
          else model.push(...events.slice(0, (await appended).length));
          const expected = model.flatMap((one, i) => (matches(ask, one) ? [i + 1] : []));
          expect(positions(await store.read(ask))).toEqual(expected);
          expect(await store.version('a')).toBe(model.filter(({ stream }) => stream === 'a').length);
        }
        await store.close();
      }),
      { seed: 42, numRuns: 40 },
    );
  }, 60_000);
}

function transactions(open: () => Promise<EventStore<unknown>>): void {
  test('that throws leaves nothing: no event, no receipt, no position used up', async () => {
    const store = await open();
    await store.append([newEvent('a-1')]);
    const broken = store.transaction(async (transaction) => {
      await transaction.append([newEvent('a-1', { tags: ['x:1'] }), newEvent('a-2')]);
      await transaction.keepReceipt({ commandId: 'c', inputHash: 'h', outcome: '{}', position: 3 });
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect([await store.position(), await store.version('a-1'), await store.receipt('c'), await store.read([{ tags: ['x:1'] }])]).toEqual([
      1,
      1,
      undefined,
      [],
    ]);
    expect(positions(await store.append([newEvent('a-1')]))).toEqual([2]);
  });

  test('sees what it has appended; nobody else does until it is committed', async () => {
    const store = await open();
    await store.transaction(async (transaction) => {
      await transaction.append([newEvent('a-1', { tags: ['x:1'] })]);
      expect([await transaction.position(), await transaction.version('a-1')]).toEqual([1, 1]);
      expect(positions(await transaction.read([{ tags: ['x:1'] }]))).toEqual([1]);
      expect([await store.position(), await store.version('a-1'), await store.read('all')]).toEqual([0, 0, []]);
    });
    expect([await store.position(), await store.version('a-1')]).toEqual([1, 1]);
  });

  test('waits for the one before it, also where that one fails', async () => {
    const store = await open();
    const running = { now: 0, most: 0 };
    const work = (i: number) =>
      store.transaction(async (transaction) => {
        running.now += 1;
        running.most = Math.max(running.most, running.now);
        await new Promise(setImmediate);
        await transaction.append([newEvent(`a-${i}`)]);
        running.now -= 1;
        if (i % 3 === 0) throw new Error('every third fails');
      });
    await Promise.allSettled(Array.from({ length: 30 }, (_, i) => work(i)));
    expect([running.most, await store.position()]).toEqual([1, 20]);
    expect(positions(await store.read('all'))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
}
