import { expect, test } from 'vitest';
import { id, type Snapshot, table } from '#readtable';
import { Lease } from './lease.ts';
import { Reads } from './reads.ts';

const things = table('things', { thingId: id() }, { key: 'thingId' });
const noPage = { rows: [], hasNextPage: false, hasPreviousPage: false };

/** A snapshot that answers each read when it is told to, or has it fail; notes what is begun, and its release. */
function held() {
  const begun: string[] = [];
  const waiting: { readonly answer: () => void; readonly fail: () => void }[] = [];
  const answering = <T>(what: string, value: T): Promise<T> => {
    begun.push(what);
    return new Promise((resolve, reject) => {
      waiting.push({ answer: () => resolve(value), fail: () => reject(new Error(`no ${what}`)) });
    });
  };
  const snapshot: Snapshot = {
    position: 1,
    row: (_, thingId) => answering(thingId, { thingId }),
    rows: (_, keys) =>
      answering(
        keys.join(),
        keys.map((thingId) => ({ thingId })),
      ),
    page: () => answering('page', noPage),
    count: () => answering('count', 0),
    changes: () => answering('changes', undefined),
    release: () => void begun.push('release'),
  };
  const next = async (how: 'answer' | 'fail' = 'answer') => {
    waiting.shift()?.[how]();
    await new Promise(setImmediate);
  };
  return { begun, snapshot, next, snapshots: { take: async () => snapshot, takeNow: () => snapshot, close: () => {} } };
}

test('reads that are answered at once are, and the snapshot is given back at once', () => {
  const { begun, snapshot } = held();
  const lease = new Lease(snapshot);
  expect(lease.read(({ position }) => position)).toBe(1);
  expect(() => lease.read(() => JSON.parse('{'))).toThrow(SyntaxError);
  lease.release();
  expect(begun).toEqual(['release']);
});

test('reads that take their time take turns, whatever becomes of the one before', async () => {
  const { begun, snapshot, next } = held();
  const lease = new Lease(snapshot);
  const [first, second, third] = ['a', 'b', 'c'].map((key) => lease.read((now) => now.row(things, key)));
  const failed = expect(first).rejects.toThrow('no a');
  expect(begun).toEqual(['a']);
  await next('fail');
  await failed;
  expect(begun).toEqual(['a', 'b']);
  await next();
  await next();
  expect([await second, await third]).toEqual([{ thingId: 'b' }, { thingId: 'c' }]);
  expect(lease.read(({ position }) => position)).toBe(1);
  lease.release();
  expect(begun).toEqual(['a', 'b', 'c', 'release']);
});

test.each(['answer', 'fail'] as const)(
  'an operation that ends amid a read gives the snapshot back after its %s, and reads no more',
  async (how) => {
    const { begun, snapshots, next } = held();
    const reads = new Reads(snapshots);
    const [first, ...rest] = ['a', 'b', 'c'].map((key) => reads.rowAlone(things, key));
    const all = Promise.allSettled([first, ...rest, reads.row(things, 'd')]);
    reads.end();
    reads.end();
    expect(begun).toEqual(['a']);
    await next(how);
    expect(begun).toEqual(['a', 'release']);
    const over = { status: 'rejected', reason: { code: 'OPERATION_ENDED' } };
    expect(await all).toMatchObject([{ status: how === 'answer' ? 'fulfilled' : 'rejected' }, over, over, over]);
  },
);

test('after a command the snapshot of before is given back when its reads are done, and later reads do not wait for it', async () => {
  const [before, after] = [held(), held()];
  const taken = [before.snapshot, after.snapshot];
  const reads = new Reads({ ...before.snapshots, takeNow: () => taken.shift() });
  const read = reads.rowAlone(things, 'a');
  reads.renew(7);
  const later = reads.rowAlone(things, 'b');
  expect([before.begun, after.begun]).toEqual([['a'], ['b']]);
  await Promise.all([before.next(), after.next()]);
  expect([await read, await later]).toEqual([{ thingId: 'a' }, { thingId: 'b' }]);
  expect([before.begun, after.begun]).toEqual([['a', 'release'], ['b']]);
});

test.each(['answer', 'fail'] as const)('a brief read gives its snapshot back after its %s', async (how) => {
  const { begun, snapshots, next } = held();
  const reads = new Reads(snapshots);
  reads.readBriefly();
  const read = Promise.allSettled([reads.rowAlone(things, 'a')]);
  await new Promise(setImmediate);
  expect(begun).toEqual(['a']);
  await next(how);
  expect(begun).toEqual(['a', 'release']);
  expect(await read).toMatchObject([{ status: how === 'answer' ? 'fulfilled' : 'rejected' }]);
});

test('rows that are read ahead are there when that is done, and not begun where the operation is over', async () => {
  const { begun, snapshots, next } = held();
  const reads = new Reads(snapshots);
  const page = async (snapshot: Snapshot) => {
    await snapshot.page(things, { conditions: [], orderBy: 'thingId', descending: false, count: 1, fromEnd: false });
    await reads.readAhead(snapshot, things, ['a', 'b']);
  };
  const done = reads.read(page);
  await next();
  await next();
  await done;
  expect(begun).toEqual(['page', 'a,b']);
  expect(reads.row(things, 'b')).toEqual({ thingId: 'b' });
  const tooLate = reads.read(page);
  reads.end();
  await next();
  await tooLate;
  expect(begun).toEqual(['page', 'a,b', 'page', 'release']);
});
