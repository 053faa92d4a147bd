import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cursorOf } from '../cursor.ts';
import type { Condition } from '../read.ts';
import { anyThing, type Thing, thing, things } from '../rowstore.contract.ts';
import { Reader } from '../sqlite/reader.ts';
import { sqliteRows } from '../sqlite/rows.ts';
import { testFile } from '../sqlite/testing.ts';
import { memoryJournal } from './journal.ts';
import { memoryRows } from './rows.ts';
import { memorySnapshots } from './snapshots.ts';
import { memoryTransaction } from './testing.ts';

function open() {
  const rows = memoryRows();
  const journal = memoryJournal({ positionsMax: 3 });
  let position = 0;
  const snapshots = memorySnapshots({ rows, journal, position: () => position });
  const put = async (row: Thing, meanwhile = async () => {}) => {
    const before = await memoryTransaction(async (connection) => rows.get(connection, things, row.thingId));
    await memoryTransaction(async (connection) => {
      await rows.write(connection, things, new Map([[row.thingId, row]]));
      await meanwhile();
      await journal.append(connection, position + 1, [{ table: things, position: position + 1, key: row.thingId, before }]);
      await meanwhile();
    });
    position += 1;
  };
  return { snapshots, put };
}

it('sees what is committed alone, and sees it for ever', async () => {
  const { snapshots, put } = open();
  await put(thing('a', { size: 1 }));
  const first = await snapshots.take();
  await put(thing('a', { size: 2 }), async () => {
    const now = await snapshots.take();
    expect([now.position, now.row(things, 'a'), now.count(things, [])]).toEqual([1, thing('a', { size: 1 }), 1]);
  });
  await put(thing('b'));
  expect(first.rows(things, ['a', 'b'])).toEqual([thing('a', { size: 1 }), undefined]);
  expect((await snapshots.take()).rows(things, ['b', 'a'])).toEqual([thing('b'), thing('a', { size: 2 })]);
});

it('is not read after its release, nor once the journal no longer reaches back to it', async () => {
  const { snapshots, put } = open();
  const [released, old] = [await snapshots.take(), await snapshots.take()];
  released.release();
  expect(() => released.row(things, 'a')).toThrow('after its release');
  for (let size = 0; size < 4; size++) await put(thing('a', { size }));
  expect(() => old.row(things, 'a')).toThrow('longer than the journal reaches back');
});

const conditions: fc.Arbitrary<readonly Condition[]> = fc
  .tuple(anyThing, fc.subarray([0, 1, 2, 3, 4, 5, 6, 7]), fc.constantFrom('LAN', 'n', '%', 'Ä'))
  .map(([{ status, price, note, madeAt, name, open: isOpen }, chosen, value]) => {
    const all: readonly Condition[] = [
      { column: 'status', is: 'equal', value: status },
      { column: 'note', is: 'equal', value: note },
      { column: 'open', is: 'equal', value: isOpen },
      { column: 'name', is: 'in', value: [name, 'Ä'] },
      { column: 'madeAt', is: 'atLeast', value: madeAt },
      { column: 'price', is: 'below', value: price },
      { column: 'thingId', is: 'atLeast', value: '\uFFFD' },
      { anyColumn: ['name', 'thingId'], is: 'contains', value },
    ];
    return chosen.slice(0, 2).flatMap((i) => all[i] ?? []);
  });
const requests = fc.record({
  orderBy: fc.constantFrom('thingId', 'name', 'size', 'price', 'madeAt', 'open', 'status'),
  descending: fc.boolean(),
  count: fc.integer({ min: 0, max: 5 }),
  fromEnd: fc.boolean(),
});
const places = fc.record({ after: anyThing, before: anyThing }, { requiredKeys: [] });

it('finds the pages that SQL finds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyThing, { maxLength: 12 }), conditions, requests, places, async (rows, asked, order, at) => {
      const file = testFile(things);
      try {
        const { snapshots, put } = open();
        for (const row of rows) await put(row);
        await sqliteRows().write(file.writer, things, new Map(rows.map((row) => [row.thingId, row])));
        const cursors = Object.fromEntries(Object.entries(at).map(([side, row]) => [side, cursorOf(things, order, row)]));
        const request = { ...order, conditions: asked, ...cursors };
        const [snapshot, reader] = [await snapshots.take(), new Reader(file.writer)];
        expect(snapshot.page(things, request)).toStrictEqual(reader.page(things, request));
        expect(snapshot.count(things, asked)).toBe(reader.count(things, asked));
      } finally {
        file.remove();
      }
    }),
    { numRuns: 150 },
  );
});
