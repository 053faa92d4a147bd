import { describe, expect, test } from 'vitest';
import { limits } from '#base';
import { eventCodec } from '#event';
import { openMemoryStore } from '#eventstore';
import { type Change, projector } from '#projector';
import { type AnyRow, matches, memoryRows, type Snapshots, type Table } from '#readtable';
import { colours, wallet, walletDomain, wallets } from '../command/wallet.fixture.ts';
import { liveEvents } from './events.ts';
import { Hub } from './hub.ts';
import { liveRows, type RowFilter } from './rows.ts';

/** A log, rows and a hub that are written to one event a commit. */
function world() {
  const log = openMemoryStore();
  const rows = memoryRows();
  const codec = eventCodec([wallet]);
  const hub = new Hub(0);
  const project = projector(walletDomain.projections, rows);
  const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
  const commit = async (id: string, fact: ReturnType<typeof wallet.Paid> | ReturnType<typeof wallet.Opened>) => {
    const changes: Change[] = [];
    const events = await log.transaction(async (transaction) => {
      const work = project.begin(transaction.connection);
      const eventId = `event-${await transaction.position()}`;
      const stored = await transaction.append([
        { ...codec.encode(fact), eventId, stream: `wallet-${id}`, metadata, recordedAt: new Date(0) },
      ]);
      const decoded = stored.map((event) => codec.decode(event));
      changes.push(...(await work.project(decoded)));
      work.keep();
      await work.flush();
      return decoded;
    });
    hub.publish({ position: await log.position(), events, changes });
  };
  const snapshots: Snapshots = {
    take: async () => {
      const all = (table: Table): readonly AnyRow[] => rows.all(table);
      const row = (table: Table, key: string) => all(table).find((one) => one[table.key] === key);
      return {
        position: hub.position,
        row,
        rows: (table, keys) => keys.map((key) => row(table, key)),
        page: (table, { conditions, count }) => ({
          rows: all(table)
            .filter((one) => matches(conditions, one))
            .slice(0, count),
          hasNextPage: false,
          hasPreviousPage: false,
        }),
        count: (table) => all(table).length,
        changes: () => undefined,
        release: () => {},
      };
    },
    close: () => {},
  };
  const open = (id: string, colour = 'red') => commit(id, wallet.Opened({ colour }));
  const pay = (id: string, coins: number, colour = 'red') => commit(id, wallet.Paid({ coins, colour }));
  return { log, hub, codec, snapshots, open, pay };
}

const take = async <T>(stream: AsyncGenerator<T, void, undefined>, count: number): Promise<T[]> => {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = await stream.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
};
const short = ({ kind, position, key, row }: { kind: string; position: number; key: string; row: AnyRow | undefined }) => [
  kind,
  position,
  key,
  row?.['coins'],
];
const all = (table: Table, more: Partial<RowFilter> = {}): RowFilter => ({ table, conditions: [], ...more });

describe('a stream of rows', () => {
  test('begins with a snapshot, also of a row that is not there yet, and goes on with each change', async () => {
    const { hub, snapshots, open, pay } = world();
    const stream = liveRows({ hub, snapshots }, all(wallets, { key: 'a' }), { snapshotRowsMax: 0 });
    expect((await take(stream, 1)).map(short)).toEqual([['SNAPSHOT', 0, 'a', undefined]]);
    const next = take(stream, 2);
    await open('b');
    await open('a');
    await pay('a', 5);
    expect((await next).map(short)).toEqual([
      ['CHANGED', 2, 'a', 0],
      ['CHANGED', 3, 'a', 5],
    ]);
  });

  test('goes on after a position with what came since, once', async () => {
    const { hub, snapshots, open, pay } = world();
    await open('a');
    await pay('a', 1);
    await pay('a', 2);
    const stream = liveRows({ hub, snapshots }, all(wallets, { key: 'a' }), { after: 1, snapshotRowsMax: 0 });
    expect((await take(stream, 2)).map(short)).toEqual([
      ['CHANGED', 2, 'a', 1],
      ['CHANGED', 3, 'a', 3],
    ]);
  });

  test('says CHANGED where a row enters the filter and REMOVED where it leaves', async () => {
    const { hub, snapshots, open, pay } = world();
    const rich: RowFilter = all(wallets, { conditions: [{ column: 'coins', is: 'atLeast', value: 10 }] });
    const stream = liveRows({ hub, snapshots }, rich, { snapshotRowsMax: 5 });
    const messages = take(stream, 3);
    await Promise.resolve();
    await open('a');
    await pay('a', 9);
    await pay('a', 1);
    await pay('a', -1);
    await pay('a', 5);
    expect((await messages).map(short)).toEqual([
      ['CHANGED', 3, 'a', 10],
      ['REMOVED', 4, 'a', undefined],
      ['CHANGED', 5, 'a', 14],
    ]);
  });

  test('follows a row that many streams change', async () => {
    const { hub, snapshots, open, pay } = world();
    await open('a');
    await open('b');
    const stream = liveRows({ hub, snapshots }, all(colours, { key: 'red' }), { after: 2, snapshotRowsMax: 0 });
    await pay('a', 1);
    await pay('b', 2);
    expect((await take(stream, 2)).map(short)).toEqual([
      ['CHANGED', 3, 'red', 1],
      ['CHANGED', 4, 'red', 3],
    ]);
  });

  test('that fell out of the window says RESYNC and begins anew: nothing is skipped silently', async () => {
    const { hub, snapshots, open, pay } = world();
    await open('a');
    const stream = liveRows({ hub, snapshots }, all(wallets, { key: 'a' }), { snapshotRowsMax: 0 });
    expect((await take(stream, 1)).map(short)).toEqual([['SNAPSHOT', 1, 'a', 0]]);
    for (let i = 0; i <= limits.hubCommitsMax; i++) await pay('a', 1);
    const position = limits.hubCommitsMax + 2;
    expect((await take(stream, 2)).map(short)).toEqual([
      ['RESYNC', position, '', undefined],
      ['SNAPSHOT', position, 'a', limits.hubCommitsMax + 1],
    ]);
    await pay('a', 1);
    expect((await take(stream, 1)).map(short)).toEqual([['CHANGED', position + 1, 'a', limits.hubCommitsMax + 2]]);
  });

  test('cannot go on from where the log has not been', async () => {
    const { hub, snapshots } = world();
    await expect(liveRows({ hub, snapshots }, all(wallets), { after: 1, snapshotRowsMax: 0 }).next()).rejects.toMatchObject({
      code: 'POSITION_AHEAD',
    });
  });
});

describe('a stream of events', () => {
  test('gives the log after a position and then what comes, filtered, with no seam', async () => {
    const { hub, log, codec, open, pay } = world();
    await open('a');
    await pay('a', 1);
    const stream = liveEvents({ hub, log, codec }, { after: 0, types: ['Paid'] });
    const events = take(stream, 3);
    await open('b');
    await pay('b', 2);
    await pay('a', 3);
    expect((await events).map(({ position, type }) => [position, type])).toEqual([
      [2, 'Paid'],
      [4, 'Paid'],
      [5, 'Paid'],
    ]);
  });

  test('never falls behind: the log is its buffer', async () => {
    const { hub, log, codec, open, pay } = world();
    await open('a');
    const stream = liveEvents({ hub, log, codec }, { after: 0 });
    const count = limits.hubCommitsMax + limits.readEventsMax + 5;
    for (let i = 1; i < count; i++) await pay('a', 1);
    expect((await take(stream, count)).map(({ position }) => position)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  });
});

describe('a stream that is stopped', () => {
  test('while it waits ends at once and leaves no one waiting', async () => {
    const { hub, log, codec } = world();
    const stream = liveEvents({ hub, log, codec }, {});
    const next = stream.next();
    await new Promise(setImmediate);
    expect(hub.waiting).toBe(1);
    await stream.return();
    expect(await next).toEqual({ value: undefined, done: true });
    expect(hub.waiting).toBe(0);
  });

  test('before its first next holds nothing', async () => {
    const { hub, log, codec, snapshots } = world();
    liveEvents({ hub, log, codec }, {});
    await liveRows({ hub, snapshots }, all(wallets), { snapshotRowsMax: 0 }).return();
    expect(hub.waiting).toBe(0);
  });

  test('with the hub ends', async () => {
    const { hub, log, codec } = world();
    const next = liveEvents({ hub, log, codec }, {}).next();
    await new Promise(setImmediate);
    hub.close();
    expect(await next).toEqual({ value: undefined, done: true });
  });
});
