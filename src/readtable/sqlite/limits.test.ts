import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { things } from '../rowstore.contract.ts';
import { Reader } from './reader.ts';
import { sqliteRows } from './rows.ts';
import { openScratchTables } from './scratch.ts';
import { sqliteSnapshots } from './snapshots.ts';
import { testFile } from './testing.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  const nearer = { statementsCachedMax: 2, snapshotsMax: 2, snapshotsWaitingMax: 1, snapshotWaitMs: 20, snapshotHoldMs: 200 };
  return { ...base, limits: { ...base.limits, ...nearer } };
});

function open() {
  const file = testFile(things);
  onTestFinished(() => file.remove());
  return file;
}

const overloaded = { code: 'OVERLOADED', retryable: true };

test('so many snapshots are out, so many wait for one, and each for so long', async () => {
  const snapshots = sqliteSnapshots(open().openReader);
  onTestFinished(() => snapshots.close());
  const [first, second] = [await snapshots.take(), await snapshots.take()];
  const third = snapshots.take();
  await expect(snapshots.take()).rejects.toMatchObject({ ...overloaded, message: '1 reads are waiting already.' });
  await expect(third).rejects.toMatchObject({ ...overloaded, message: 'No turn to read came within 0.02 s.' });
  await pause(2 * limits.snapshotHoldMs);
  expect(() => first.count(things, [])).toThrow(expect.objectContaining({ code: 'READ_TOO_LONG' }));
  for (const snapshot of [first, second]) snapshot.release();
});

test('so many statements are kept: of others the next use prepares one again', () => {
  const { openReader, writer } = open();
  const [db, reading, writing] = [openReader(), sqliteRows(), vi.spyOn(writer, 'prepare')];
  const prepare = vi.spyOn(db, 'prepare');
  const reader = new Reader(db);
  /** Which of these are prepared, one after another. */
  const prepared = (spy: typeof prepare, use: (column: string) => unknown, ...columns: readonly string[]) =>
    columns.filter((column) => {
      const before = spy.mock.calls.length;
      use(column);
      return spy.mock.calls.length > before;
    });
  const page = (orderBy: string) => reader.page(things, { conditions: [], orderBy, descending: false, count: 1, fromEnd: false });
  expect(prepared(prepare, page, 'name', 'size', 'name', 'size', 'madeAt', 'size', 'name')).toEqual(['name', 'size', 'madeAt', 'name']);
  const where = (column: string) => reading.where(writer, things, { [column]: column === 'size' ? 1 : 'x' });
  where('thingId');
  expect(prepared(writing, where, 'name', 'size', 'name', 'thingId', 'name')).toEqual(['name', 'size', 'thingId']);
});

test('tables of a rebuild that is thrown away have so much memory for their pages', () => {
  const db = openScratchTables([things]);
  expect(db.pragma('cache_size', { simple: true })).toBe(-limits.pageCacheKiB);
  db.close();
});
