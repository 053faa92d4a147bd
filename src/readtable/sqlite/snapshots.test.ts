import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { thing, things } from '../rowstore.contract.ts';
import { snapshotsContract } from '../snapshots.contract.ts';
import { sqliteRows } from './rows.ts';
import { type SqliteSnapshotsOptions, sqliteSnapshots } from './snapshots.ts';
import { testFile } from './testing.ts';

function open(options: SqliteSnapshotsOptions = {}) {
  const file = testFile(things);
  const snapshots = sqliteSnapshots(file.openReader, options);
  onTestFinished(() => {
    snapshots.close();
    file.remove();
  });
  const put = async (...keys: readonly string[]) => sqliteRows().write(file.writer, things, new Map(keys.map((key) => [key, thing(key)])));
  return { ...file, snapshots, put };
}

const begun = (queries: readonly string[]) => queries.filter((query) => query.startsWith('BEGIN')).length;

snapshotsContract('SQLite', (options) => {
  const { openReader, writer, queries, remove, advance } = testFile(things);
  const snapshots = sqliteSnapshots(openReader, options);
  return {
    snapshots,
    put: async (...keys) => sqliteRows().write(writer, things, new Map(keys.map((key) => [key, thing(key)]))),
    advance,
    texts: () => queries,
    begun: () => begun(queries),
    spoilLists: () => void writer.exec("UPDATE things SET parts = 'no list'"),
    close: () => {
      snapshots.close();
      remove();
    },
  };
});

describe('a pool of snapshots', () => {
  it('opens connections when they are needed, and uses them again', async () => {
    const { queries, snapshots } = open({ size: 2 });
    for (let i = 0; i < 3; i += 1) (await snapshots.take()).release();
    expect(queries).toHaveLength(9);
    const both = await Promise.all([snapshots.take(), snapshots.take()]);
    for (const snapshot of both) snapshot.release();
  });

  it('gives one at once where nobody has to wait for it, and none where all are out or it is closed', async () => {
    const { snapshots, advance } = open({ size: 1 });
    advance(3);
    const first = snapshots.takeNow?.();
    expect(first?.position).toBe(3);
    expect(snapshots.takeNow?.()).toBeUndefined();
    first?.release();
    const second = await snapshots.take();
    second.release();
    expect(second.position).toBe(3);
    snapshots.close();
    expect(snapshots.takeNow?.()).toBeUndefined();
  });

  it('lets those who wait in, first come first served, at the state of that moment', async () => {
    const { snapshots, advance } = open({ size: 1 });
    const first = await snapshots.take();
    const served: string[] = [];
    const wait = async (name: string) => {
      const snapshot = await snapshots.take();
      served.push(`${name} at ${snapshot.position}`);
      advance();
      snapshot.release();
    };
    const all = [wait('one'), wait('two'), wait('three')];
    advance();
    expect(served).toEqual([]);
    first.release();
    await Promise.all(all);
    expect(served).toEqual(['one at 1', 'two at 2', 'three at 3']);
  });

  it('takes back a snapshot whose connection was closed under it', async () => {
    const { openReader } = open();
    const reader = openReader();
    const snapshots = sqliteSnapshots(() => reader, { size: 1 });
    const out = await snapshots.take();
    snapshots.close();
    reader.close();
    expect(() => out.release()).not.toThrow();
  });

  it('survives a connection that cannot be opened', async () => {
    const { openReader } = open();
    let failures = 2;
    const snapshots = sqliteSnapshots(
      () => {
        failures -= 1;
        if (failures >= 0) throw new Error('no more files');
        return openReader();
      },
      { size: 1 },
    );
    await expect(snapshots.take()).rejects.toThrow('no more files');
    await expect(snapshots.take()).rejects.toThrow('no more files');
    (await snapshots.take()).release();
    snapshots.close();
  });

  it('gives up a connection whose transaction cannot begin', async () => {
    const { writer, openReader } = open();
    const snapshots = sqliteSnapshots(openReader, { size: 1 });
    (await snapshots.take()).release();
    writer.exec('ALTER TABLE events RENAME TO gone');
    await expect(snapshots.take()).rejects.toThrow('no such table: events');
    writer.exec('ALTER TABLE gone RENAME TO events');
    (await snapshots.take()).release();
    snapshots.close();
  });
});

describe('snapshots of a log whose commits are made known', () => {
  it('share one transaction for as long as nothing newer is known, and no longer', async () => {
    let known = 0;
    const { snapshots, put, advance, queries } = await open({ size: 2, known: () => known });
    await put('a');
    const [first, second] = [await snapshots.take(), await snapshots.take()];
    expect(begun(queries)).toBe(1);
    first.release();
    expect(() => first.row(things, 'a')).toThrow('after its release');
    await advance();
    await put('b');
    // Made, but known to nobody yet.
    const third = await snapshots.take();
    expect([third.position, await third.row(things, 'b'), begun(queries)]).toEqual([0, undefined, 1]);
    known = 1;
    const fourth = await snapshots.take();
    expect([fourth.position, await fourth.row(things, 'b'), second.position, await second.row(things, 'b')]).toEqual([
      1,
      thing('b'),
      0,
      undefined,
    ]);
    for (const snapshot of [second, third, fourth]) snapshot.release();
    expect(begun(queries)).toBe(2);
  });

  it('that overlap without end do not share one transaction without end: whoever joins late may keep it as long as others', async () => {
    const { snapshots, put, queries } = await open({ known: () => 0, holdMs: 200 });
    await put('a');
    let held = await snapshots.take();
    for (const begin = performance.now(); performance.now() - begin < 900; ) {
      await pause(5);
      expect(await held.row(things, 'a')).toEqual(thing('a'));
      const next = await snapshots.take();
      held.release();
      held = next;
    }
    held.release();
    expect(begun(queries)).toBeGreaterThan(1);
  });

  it('are held for the rest of a turn, so that others of it may join, and not beyond', async () => {
    const { snapshots, put, advance, queries, writer } = open({ size: 1, known: () => 0 });
    for (let i = 0; i < 3; i += 1) (await snapshots.take()).release();
    expect(begun(queries)).toBe(1);
    await put('a');
    advance();
    writer.pragma('busy_timeout = 0');
    const cutBack = () => writer.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    expect(cutBack()[0]?.busy).toBe(1);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(cutBack()[0]?.busy).toBe(0);
    const later = await snapshots.take();
    expect([later.position, begun(queries)]).toEqual([1, 2]);
    snapshots.close();
    later.release();
  });

  it('closed while one is held for the rest of a turn, leave nothing open', async () => {
    const { snapshots, openReader } = open({ size: 1 });
    snapshots.close();
    const reader = openReader();
    const shared = sqliteSnapshots(() => reader, { known: () => 0 });
    (await shared.take()).release();
    expect(reader.inTransaction).toBe(true);
    shared.close();
    expect(reader.open).toBe(false);
    await new Promise(setImmediate);
  });
});
