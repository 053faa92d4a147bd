import { describe, expect, test } from 'vitest';
import { limits } from '#base';
import type { Table } from '#readtable';
import { colours, wallets } from '../command/wallet.fixture.ts';
import type { Start } from './feed.ts';
import type { RowsWanted } from './interests.ts';
import { liveEvents, liveRows } from './livestream.ts';
import { openWorld, rest, short, take, type World } from './world.fixture.ts';

const all = (table: Table, more: Partial<RowsWanted> = {}): RowsWanted => ({ table, conditions: [], ...more });
const rows = ({ sources }: World, wanted: RowsWanted, start: Partial<Start> = {}) =>
  liveRows(sources, wanted, { snapshotRowsMax: 0, ...start })[Symbol.asyncIterator]();
const events = ({ sources }: World, wanted = {}, after?: number) =>
  liveEvents(sources, wanted, after === undefined ? undefined : { position: after })[Symbol.asyncIterator]();

describe('a stream of rows', () => {
  test('begins with a snapshot, also of a row that is not there yet, and goes on with each change', async () => {
    const world = openWorld();
    const stream = rows(world, all(wallets, { key: 'a' }));
    expect((await take(stream, 1)).map(short)).toEqual([['SNAPSHOT', 0, 'a', undefined]]);
    await world.open('b');
    await world.open('a');
    await world.pay('a', 5);
    const messages = await take(stream, 2);
    expect(messages.map(short)).toEqual([
      ['CHANGED', 2, 'a', 0],
      ['CHANGED', 3, 'a', 5],
    ]);
    expect(messages.map(({ cause }) => cause?.type)).toEqual(['Opened', 'Paid']);
  });

  test.each([{ after: 1 }, { after: 2 }, { after: 4 }])('goes on after position $after with what came since, once', async ({ after }) => {
    const world = openWorld();
    await world.open('a');
    for (let i = 0; i < 3; i++) await world.pay('a', 1);
    const stream = rows(world, all(wallets, { key: 'a' }), { after: { position: after } });
    const coming = take(stream, 5 - after);
    await rest();
    await world.pay('a', 1);
    const expected = Array.from({ length: 5 - after }, (_, i) => ['CHANGED', after + i + 1, 'a', after + i]);
    const messages = await coming;
    expect(messages.map(short)).toEqual(expected);
    expect(messages.map(({ cause }) => cause?.position)).toEqual(expected.map(([, position]) => position));
  });

  test('says CHANGED where a row enters the filter and REMOVED where it leaves, live and afterwards', async () => {
    const world = openWorld();
    const rich = all(wallets, { conditions: [{ column: 'coins', is: 'atLeast', value: 10 }] });
    const live = rows(world, rich, { snapshotRowsMax: 5 });
    const messages = take(live, 3);
    await rest();
    await world.open('a');
    for (const coins of [9, 1, -3, 7]) await world.pay('a', coins);
    const expected = [
      ['CHANGED', 3, 'a', 10],
      ['REMOVED', 4, 'a', undefined],
      ['CHANGED', 5, 'a', 14],
    ];
    expect((await messages).map(short)).toEqual(expected);
    expect((await take(rows(world, rich, { after: { position: 0 } }), 3)).map(short)).toEqual(expected);
  });

  test('follows a row that many streams change', async () => {
    const world = openWorld();
    await world.open('a');
    await world.open('b');
    await world.pay('a', 1);
    const stream = rows(world, all(colours, { key: 'red' }), { after: { position: 2 } });
    const messages = take(stream, 2);
    await world.pay('b', 2);
    expect((await messages).map(short)).toEqual([
      ['CHANGED', 3, 'red', 1],
      ['CHANGED', 4, 'red', 3],
    ]);
  });

  test('yields each change of a commit that changes one row more than once', async () => {
    const world = openWorld();
    await world.open('a');
    const stream = rows(world, all(wallets, { key: 'a' }));
    await take(stream, 1);
    await world.pay('a', 1, 3);
    const expected = [
      ['CHANGED', 2, 'a', 1],
      ['CHANGED', 3, 'a', 2],
      ['CHANGED', 4, 'a', 3],
    ];
    expect((await take(stream, 3)).map(short)).toEqual(expected);
    expect((await take(rows(world, all(wallets, { key: 'a' }), { after: { position: 1 } }), 3)).map(short)).toEqual(expected);
  });

  test('without a snapshot begins where it is asked for, however long reading takes', async () => {
    const world = openWorld();
    await world.open('a');
    const { promise: asLongAs, resolve: letGo } = Promise.withResolvers<void>();
    const { take: takeSnapshot, close } = world.sources.snapshots;
    const snapshots = { take: () => asLongAs.then(takeSnapshot), close };
    const coming = take(rows({ ...world, sources: { ...world.sources, snapshots } }, all(wallets)), 1);
    await world.pay('a', 1);
    letGo();
    await world.pay('a', 1);
    expect((await coming).map(short)).toEqual([['CHANGED', 2, 'a', 1]]);
  });

  test('past the retention of the journal says RESYNC and begins anew: nothing is skipped silently', async () => {
    const world = openWorld(5);
    await world.open('a');
    for (let i = 0; i < 20; i++) await world.pay('a', 1);
    const stream = rows(world, all(wallets, { key: 'a' }), { after: { position: 2 } });
    expect((await take(stream, 2)).map(short)).toEqual([
      ['RESYNC', 21, '', undefined],
      ['SNAPSHOT', 21, 'a', 20],
    ]);
    await world.pay('a', 1);
    expect((await take(stream, 1)).map(short)).toEqual([['CHANGED', 22, 'a', 21]]);
  });

  test('that is not read for too long says RESYNC and begins anew', async () => {
    const world = openWorld();
    await world.open('a');
    const stream = rows(world, all(wallets, { key: 'a' }));
    expect((await take(stream, 1)).map(short)).toEqual([['SNAPSHOT', 1, 'a', 0]]);
    await world.pay('a', 1, limits.backlogMessagesMax);
    await world.pay('a', 1, 10);
    await rest();
    const position = limits.backlogMessagesMax + 11;
    expect((await take(stream, 2)).map(short)).toEqual([
      ['RESYNC', position, '', undefined],
      ['SNAPSHOT', position, 'a', limits.backlogMessagesMax + 10],
    ]);
  });

  test('that is not read for a while misses nothing', async () => {
    const world = openWorld();
    await world.open('a');
    const stream = rows(world, all(wallets, { key: 'a' }));
    await take(stream, 1);
    await world.pay('a', 1, limits.backlogMessagesMax - 1);
    const messages = await take(stream, limits.backlogMessagesMax - 1);
    expect(messages.map(({ position }) => position)).toEqual(Array.from({ length: limits.backlogMessagesMax - 1 }, (_, i) => i + 2));
    expect(world.hub.watching).toBe(1);
  });

  test('cannot go on from where the log has not been', () => {
    expect(() => rows(openWorld(), all(wallets), { after: { position: 1 } })).toThrow(expect.objectContaining({ code: 'POSITION_AHEAD' }));
  });
});

describe('a stream of events', () => {
  test('gives the log after a position and then what comes, filtered, with no seam', async () => {
    const world = openWorld();
    await world.open('a');
    await world.pay('a', 1);
    const coming = take(events(world, { types: ['Paid'] }, 0), 3);
    await world.open('b');
    await world.pay('b', 2);
    await world.pay('a', 3);
    expect((await coming).map(({ position, type }) => [position, type])).toEqual([
      [2, 'Paid'],
      [4, 'Paid'],
      [5, 'Paid'],
    ]);
  });

  test('begins with what comes from now on, of one stream where it is asked to', async () => {
    const world = openWorld();
    await world.open('a');
    const coming = take(events(world, { stream: 'wallet-b' }), 1);
    await rest();
    await world.pay('a', 1);
    await world.open('b');
    expect((await coming).map(({ position }) => position)).toEqual([3]);
  });

  test('never begins anew: the log is its buffer, and a slow reader is read for later', async () => {
    const world = openWorld();
    await world.open('a');
    const stream = events(world, {}, 0);
    expect((await take(stream, 1)).map(({ position }) => position)).toEqual([1]);
    const count = limits.backlogMessagesMax + limits.readEventsMax + 500;
    for (let left = count - 1; left > 0; left -= 500) await world.pay('a', 1, Math.min(500, left));
    expect((await take(stream, count - 1)).map(({ position }) => position)).toEqual(Array.from({ length: count - 1 }, (_, i) => i + 2));
  });
});

describe('a stream that is stopped', () => {
  test('while it waits ends at once and leaves no one watching', async () => {
    const world = openWorld();
    for (const stream of [events(world), rows(world, all(wallets))]) {
      const next = stream.next();
      await rest();
      expect(world.hub.watching).toBe(1);
      await stream.return();
      expect(await next).toEqual({ value: undefined, done: true });
      expect(await stream.next()).toEqual({ value: undefined, done: true });
      expect(world.hub.watching).toBe(0);
    }
  });

  test('before its first next holds nothing', async () => {
    const world = openWorld();
    events(world);
    await rows(world, all(wallets)).return();
    expect(world.hub.watching).toBe(0);
  });

  test('by a fault says so and leaves no one watching', async () => {
    const world = openWorld();
    const snapshots = { take: () => Promise.reject(new Error('no disk')), close: () => {} };
    const stream = liveRows({ ...world.sources, snapshots }, all(wallets, { key: 'a' }), { snapshotRowsMax: 0 })[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toThrow('no disk');
    expect(world.hub.watching).toBe(0);
  });
});

test('whoever asks again before the answer has come is answered in turn', async () => {
  const world = openWorld();
  const stream = rows(world, all(wallets, { key: 'a' }));
  const asked = [stream.next(), stream.next(), stream.next(), stream.next()];
  await rest();
  await world.open('a');
  await world.pay('a', 1);
  await rest();
  await stream.return();
  const answers = await Promise.all(asked);
  expect(answers.map(({ value, done }) => (value ? short(value)[0] : done))).toEqual(['SNAPSHOT', 'CHANGED', 'CHANGED', true]);
});
