import { describe, expect, test } from 'vitest';
import { assert } from '#base';
import { wallets } from '../command/wallet.fixture.ts';
import { Backlog } from './backlog.ts';
import type { Delivery, Feed } from './feed.ts';
import type { RowsWanted } from './interests.ts';
import { Reader } from './reader.ts';
import { type RowMessage, rowFeed } from './rows.ts';
import { Tail } from './tail.ts';
import { openWorld, rest } from './world.fixture.ts';

const everyWallet: RowsWanted = { table: wallets, conditions: [] };

describe('a hub', () => {
  test('tells everyone of a commit whoever has a bug, who reads it from where it is stored', async () => {
    const { hub, sources, ...world } = openWorld();
    await world.open('a');
    const told: number[] = [];
    const broken = { take: () => assert(false, 'a bug'), miss: () => void told.push(-1) };
    const stops = [hub.watchRows(everyWallet, broken), hub.watchEvents({}, broken)];
    const sound = { take: (part: readonly unknown[]) => void told.push(part.length), miss: () => void told.push(-2) };
    stops.push(hub.watchRows(everyWallet, sound), hub.watchEvents({}, sound));
    const [event] = (await sources.log.read('all')).map((stored) => sources.codec.decode(stored));
    assert(event, 'There is no event.');
    const change = { table: wallets, key: 'a', before: undefined, after: { walletId: 'a' }, cause: event };
    expect(() => hub.publish({ position: 2, events: [event], changes: [change] })).toThrow(
      '2 live streams could not take the commit at 2.',
    );
    expect(told).toEqual([-1, 1, -1, 1]);
    expect(hub.position).toBe(2);
    for (const stop of stops) stop();
  });
});

describe('a backlog', () => {
  const feedOf = (name: string) => {
    let say: (position: number) => void = () => {};
    const feed: Feed<number> = {
      name,
      watch: (take) => {
        say = (position) => take([{ message: position, position, key: '', reached: { position } }]);
        return () => {};
      },
      position: () => 0,
      begin: async () => ({ deliveries: [], reached: { position: 0 } }),
      missed: async () => undefined,
      resync: () => ({ message: -1, position: 0, key: '', reached: undefined }),
    };
    return { feed, say: (position: number) => say(position) };
  };
  const reading = (tail: Tail<number, number>, isReady: boolean) => {
    const read: number[] = [];
    const write = (payloads: readonly number[]) => {
      read.push(...payloads);
      return isReady;
    };
    const reader = new Reader<number, number>(tail, { write, fail: () => {} }, { snapshotRowsMax: 0 });
    reader.begin();
    return { read, reader };
  };

  test('that is full lets go of what is kept for whoever lags most: others do not notice', async () => {
    const kept = new Backlog({ allBytesMax: 100, runBytesMax: 1 });
    const [hog, honest] = [feedOf('hog'), feedOf('honest')];
    const rendering = { render: ({ message }: { readonly message: number }) => message, bytesOf: () => 10 };
    const [large, small] = [new Tail(hog.feed, rendering, kept), new Tail(honest.feed, rendering, kept)];
    const [stalled, slow] = [reading(large, false), reading(small, false)];
    await rest();
    for (let at = 1; at <= 10; at++) hog.say(at);
    await rest();
    for (let at = 1; at <= 4; at++) honest.say(at);
    await rest();
    expect(kept.bytes).toBeLessThanOrEqual(100);
    for (const { reader } of [slow, slow, slow, slow, stalled]) reader.ready();
    await rest();
    expect(slow.read).toEqual([1, 2, 3, 4]);
    expect(stalled.read).toEqual([1, -1]);
  });

  test.each([
    ['messages', { messagesMax: 5 }],
    ['bytes', { bytesMax: 50 }],
  ])('keeps so many %s for the slowest reader of a tail, and of more says RESYNC', async (_, sizes) => {
    const readAfter = async (messages: number) => {
      const { feed, say } = feedOf('one');
      const tail = new Tail(feed, { render: ({ message }) => message, bytesOf: () => 10 }, new Backlog({ ...sizes, runBytesMax: 1 }));
      const { read, reader } = reading(tail, false);
      await rest();
      // It is written at once: only then it is known that the reader takes no more.
      say(1);
      await rest();
      for (let at = 2; at <= 1 + messages; at++) say(at);
      for (let turn = 0; turn <= messages; turn++) {
        await rest();
        reader.ready();
      }
      return read;
    };
    expect(await readAfter(5)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await readAfter(6)).toEqual([1, -1]);
  });
});

test('a reader that is full while it catches up holds nothing, and reads the rest when it takes more', async () => {
  let asked: number[] = [];
  const feed: Feed<number> = {
    name: 'past',
    watch: () => () => {},
    position: () => 1_000,
    begin: async () => ({ deliveries: [], reached: { position: 0 } }),
    missed: async ({ position: after }, messagesMax) => {
      asked.push(after);
      const end = Math.min(after + messagesMax, 1_000);
      const deliveries = Array.from({ length: end - after }, (_, i) => after + 1 + i);
      return {
        deliveries: deliveries.map((position) => ({ message: position, position, key: '', reached: { position } })),
        reached: { position: end },
        isAll: end === 1_000,
      };
    },
    resync: () => undefined,
  };
  const read: number[] = [];
  const tail = new Tail<number, number>(feed, { render: ({ message }) => message, bytesOf: () => 10 }, new Backlog({ runBytesMax: 100 }));
  const write = (payloads: readonly number[]) => {
    read.push(...payloads);
    return false;
  };
  const reader = new Reader<number, number>(tail, { write, fail: () => {} }, { snapshotRowsMax: 0, after: { position: 0 } });
  reader.begin();
  await rest();
  expect([asked, read.length]).toEqual([[0], 10]);
  asked = [];
  reader.ready();
  await rest();
  // It asks for about as much as it could write.
  expect([asked, read.length]).toEqual([[10], 20]);
  for (let turn = 0; turn < 200; turn++) {
    reader.ready();
    await new Promise(setImmediate);
  }
  await rest();
  expect(read).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
});

test('a reader that is full at RESYNC has its snapshot read when it takes more', async () => {
  let begun = 0;
  const feed: Feed<string> = {
    name: 'forgotten',
    watch: () => () => {},
    position: () => 9,
    begin: async () => {
      begun += 1;
      return { deliveries: [{ message: 'SNAPSHOT', position: 9, key: '', reached: { position: 9 } }], reached: { position: 9 } };
    },
    missed: async () => undefined,
    resync: () => ({ message: 'RESYNC', position: 9, key: '', reached: undefined }),
  };
  const read: string[] = [];
  const tail = new Tail<string, string>(feed, { render: ({ message }) => message, bytesOf: () => 10 }, new Backlog());
  const write = (payloads: readonly string[]) => {
    read.push(...payloads);
    return false;
  };
  const reader = new Reader<string, string>(tail, { write, fail: () => {} }, { snapshotRowsMax: 1, after: { position: 1 } });
  reader.begin();
  await rest();
  expect([begun, read]).toEqual([0, ['RESYNC']]);
  reader.ready();
  await rest();
  expect([begun, read]).toEqual([1, ['RESYNC', 'SNAPSHOT']]);
  const leaving = new Reader<string, string>(tail, { write: () => false, fail: () => {} }, { snapshotRowsMax: 1, after: { position: 1 } });
  leaving.begin();
  await rest();
  leaving.stop();
  await rest();
  expect(begun).toBe(1);
});

test.each([
  ['is full at RESYNC', 3],
  ['is full and falls behind', 1_001],
])('a reader of no snapshot that %s goes on from where that says it is', async (_, times) => {
  const { hub, sources, ...world } = openWorld(5);
  await world.open('a');
  await world.pay('a', 1, 20);
  const read: string[] = [];
  let isFull = true;
  const render = ({ message: { kind, position } }: Delivery<RowMessage>) => `${kind} ${position}`;
  const tail = new Tail<RowMessage, string>(rowFeed(sources, everyWallet), { render, bytesOf: () => 10 }, new Backlog());
  const write = (payloads: readonly string[]) => {
    read.push(...payloads);
    return !isFull;
  };
  const reader = new Reader<RowMessage, string>(tail, { write, fail: () => {} }, { snapshotRowsMax: 0, after: { position: 1 } });
  reader.begin();
  await rest();
  expect([read, reader.reached]).toEqual([['RESYNC 21'], { position: 21 }]);
  for (let paid = 0; paid < times; paid += 143) await world.pay('a', 1, Math.min(143, times - paid));
  await rest();
  isFull = false;
  reader.ready();
  await rest();
  await world.pay('a', 1);
  await rest();
  const first = times > 1_000 ? [`RESYNC ${21 + times}`] : Array.from({ length: times }, (_, i) => `CHANGED ${22 + i}`);
  expect(read.slice(1)).toEqual([...first, `CHANGED ${22 + times}`]);
});

test('what cannot be rendered as it comes is read again from where it is stored; where it cannot be there either, its reader breaks before it', async () => {
  const { sources, ...world } = openWorld();
  await world.open('a');
  let failing = 0;
  const render = async ({ message: { position } }: Delivery<RowMessage>) => {
    if (position > 2 && failing-- > 0) throw new Error(`not ${position}`);
    return position;
  };
  const read: number[] = [];
  const faults: unknown[] = [];
  const tail = new Tail<RowMessage, number>(rowFeed(sources, everyWallet), { render, bytesOf: () => 10 }, new Backlog());
  const write = (payloads: readonly number[]) => read.push(...payloads) > 0;
  const anew = { snapshotRowsMax: 0 };
  const reader = new Reader<RowMessage, number>(tail, { write, fail: (fault) => faults.push(fault) }, anew);
  reader.begin();
  await world.pay('a', 1);
  await rest();
  failing = 1;
  await world.pay('a', 1);
  await rest();
  expect([read, faults]).toEqual([[2, 3], []]);
  failing = 2;
  await world.pay('a', 1);
  await rest();
  expect([read, faults, reader.reached]).toEqual([[2, 3], [new Error('not 4')], { position: 3 }]);
  // What stands before it is written all the same.
  failing = 2;
  read.length = 0;
  new Reader<RowMessage, number>(tail, { write, fail: (fault) => faults.push(fault) }, { ...anew, after: { position: 1 } }).begin();
  await rest();
  expect([read, faults.length]).toEqual([[2], 2]);
});
