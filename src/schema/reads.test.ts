import { expect, test } from 'vitest';
import type { Snapshot } from '#readtable';
import { id, table } from '#readtable';
import { Reads } from './reads.ts';

const things = table('things', { thingId: id() }, { key: 'thingId' });

/** Snapshots that count: each is of the next position. */
function counted() {
  const counts = { taken: 0, released: 0, batches: [] as string[][] };
  const take = async (): Promise<Snapshot> => {
    counts.taken += 1;
    return {
      position: counts.taken,
      row: () => undefined,
      rows: (_, keys) => {
        counts.batches.push([...keys]);
        return keys.map((thingId) => ({ thingId }));
      },
      page: () => ({ rows: [], hasNextPage: false, hasPreviousPage: false }),
      count: () => 0,
      changes: () => undefined,
      release: () => {
        counts.released += 1;
      },
    };
  };
  return { counts, snapshots: { take, close: () => {} } };
}

test('one snapshot serves an operation, and reads after the first are answered at once', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  expect(reads.seen).toBeUndefined();
  expect(await Promise.all([reads.read(({ position }) => position), reads.read(({ position }) => position)])).toEqual([1, 1]);
  expect(reads.read(({ position }) => position)).toBe(1);
  expect(reads.seen).toBe(1);
  reads.release();
  reads.release();
  expect(counts).toMatchObject({ taken: 1, released: 1 });
});

test('a snapshot that is there at once is read at once, and given back once', async () => {
  const { counts, snapshots } = counted();
  const one = await snapshots.take();
  const reads = new Reads({ ...snapshots, takeNow: () => one });
  expect(reads.read(({ position }) => position)).toBe(1);
  expect(reads.rowAlone(things, 'a')).toBeUndefined();
  expect(reads.seen).toBe(1);
  reads.end();
  reads.end();
  expect(counts).toMatchObject({ taken: 1, released: 1 });
  await expect(Promise.resolve(reads.read(() => 1))).rejects.toMatchObject({ code: 'OPERATION_ENDED' });
});

test('what answers a command is read from a snapshot for that, and no other is taken, though there be one at once', async () => {
  const [own, any] = [counted(), counted()];
  const now = await any.snapshots.take();
  const reads = new Reads({ ...any.snapshots, takeNow: () => now, takeOwn: own.snapshots.take });
  expect(reads.read((snapshot) => snapshot === now)).toBe(true);
  reads.renew(7);
  expect(await reads.read((snapshot) => snapshot === now)).toBe(false);
  reads.end();
  await new Promise(setImmediate);
  expect([own.counts, any.counts]).toMatchObject([
    { taken: 1, released: 1 },
    { taken: 1, released: 1 },
  ]);
});

test('rows that were read ahead are there at once, each read once, and forgotten with their snapshot', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  const readAhead = (...keys: readonly string[]) => reads.read((snapshot) => reads.readAhead(snapshot, things, keys));
  await readAhead('a', 'b', 'a');
  await readAhead('b', 'c');
  expect(reads.row(things, 'c')).toEqual({ thingId: 'c' });
  expect(counts.batches).toEqual([['a', 'b'], ['c']]);
  reads.renew(7);
  await reads.row(things, 'a');
  expect(counts.batches).toEqual([['a', 'b'], ['c'], ['a']]);

  const brief = new Reads(snapshots);
  brief.readBriefly();
  await brief.read((snapshot) => brief.readAhead(snapshot, things, ['a']));
  expect(counts.batches).toHaveLength(3);
});

test('rows that are asked for together are read together, each once', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  await Promise.all(['a', 'b', 'a'].map((key) => reads.row(things, key)));
  await reads.row(things, 'b');
  expect(counts.batches).toEqual([['a', 'b']]);
});

test('after a command a new snapshot is taken, and what was read is forgotten', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  await reads.row(things, 'a');
  reads.renew(7);
  expect(counts.released).toBe(1);
  expect(reads.seen).toBe(7);
  await reads.row(things, 'a');
  expect(counts).toMatchObject({ taken: 2, batches: [['a'], ['a']] });
});

test('a snapshot that comes after the release is given back', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  const reading = reads.read(({ position }) => position);
  reads.release();
  expect(await reading).toBe(1);
  expect(counts).toMatchObject({ taken: 1, released: 1 });
});

test('after its end an operation takes no snapshot, and gives back the one that was on its way', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  const reading = reads.read(({ position }) => position);
  reads.end();
  expect(await reading).toBe(1);
  await expect(reads.row(things, 'a')).rejects.toMatchObject({ code: 'OPERATION_ENDED' });
  await expect(Promise.resolve(reads.read(() => 1))).rejects.toMatchObject({ code: 'OPERATION_ENDED' });
  expect(counts).toMatchObject({ taken: 1, released: 1, batches: [] });

  const brief = new Reads(snapshots);
  brief.readBriefly();
  brief.end();
  await expect(brief.row(things, 'a')).rejects.toMatchObject({ code: 'OPERATION_ENDED' });
  expect(counts).toMatchObject({ taken: 1, released: 1 });
});

test('a snapshot that cannot be taken fails its readers, and the next read tries again', async () => {
  let tries = 0;
  const reads = new Reads({ take: () => Promise.reject(new Error(`busy ${++tries}`)), close: () => {} });
  await expect(reads.row(things, 'a')).rejects.toThrow('busy 1');
  reads.release();
  await expect(reads.read(() => 1)).rejects.toThrow('busy 2');
});

test('brief reads hold nothing between them, and remember no row', async () => {
  const { counts, snapshots } = counted();
  const reads = new Reads(snapshots);
  reads.readBriefly();
  await reads.row(things, 'a');
  await reads.row(things, 'a');
  await expect(Promise.resolve(reads.read(() => JSON.parse('{')))).rejects.toThrow(SyntaxError);
  expect(counts).toMatchObject({ taken: 3, released: 3, batches: [['a'], ['a']] });
});

test('what is demanded is waited for where a copy is read; what answers a command is of where it was accepted', async () => {
  const { counts, snapshots } = counted();
  const demanded: (number | undefined)[] = [];
  const known = {
    ...snapshots,
    takeKnown: (position?: number) => {
      demanded.push(position);
      return snapshots.take();
    },
  };
  const reads = new Reads({ ...known, takeOwn: snapshots.take }, 7);
  await reads.read(() => undefined);
  reads.renew(9);
  await reads.read(() => undefined);
  await new Reads(known).read(() => undefined);
  expect([demanded, counts.taken]).toEqual([[7], 3]);
});
