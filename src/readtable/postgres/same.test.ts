import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Decimal } from '#base';
import { boolean, type Column, type Columns, decimal, id, instant, int, list, oneOf, optional, text } from '../column.ts';
import { cursorOf } from '../cursor.ts';
import type { Condition, PageRequest } from '../read.ts';
import { Reader } from '../sqlite/reader.ts';
import { sqliteRows } from '../sqlite/rows.ts';
import { logTables, stand } from '../sqlite/testing.ts';
import { postgresStanding, sqliteStanding } from '../standing.ts';
import { type AnyRow, keyOf, type Table, table } from '../table.ts';
import { testDatabase, withPostgres } from './database.fixture.ts';
import { postgresRows } from './rows.ts';
import { postgresSnapshots } from './snapshots.ts';

// What only one of them can store is tried elsewhere.
const storable = (value: string) => !value.includes('\0');
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }).filter((value) => storable(value) && value.isWellFormed()),
  fc.constantFrom('', 'a', 'A', 'ä', 'Ä', 'İ', 'ß', '%', '_', '\\', '"', '\uFFFD', '\u{1F600}', 'a b', '{}', 'NULL', '1'),
);
const decimals = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, -1)).map((value) => value as Decimal);
const part = { sku: text(), price: decimal(), madeAt: optional(instant()) };
const parts = fc.array(fc.record({ sku: texts, price: decimals, madeAt: fc.option(fc.date({ noInvalidDate: true })) }), { maxLength: 2 });

/** A column of each kind, and what it may hold. */
const kinds: readonly (readonly [column: Column, value: fc.Arbitrary<unknown>])[] = [
  [id(), texts.filter((value) => value !== '')],
  [text(), texts],
  [int(), fc.oneof(fc.integer({ min: -(2 ** 31) + 1 }), fc.constantFrom(0, 1))],
  [decimal(), decimals],
  [instant(), fc.oneof(fc.date({ noInvalidDate: true }), fc.constantFrom(new Date(0), new Date(1)))],
  [boolean(), fc.boolean()],
  [oneOf('Kind', ['B', 'a', 'Ä']), fc.constantFrom('B', 'a', 'Ä')],
  [list('Part', part), parts],
];

const columns = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), { minLength: 1, maxLength: 6 });

/** A table of some columns, its rows, and what is asked of it. */
const worlds = columns.chain((chosen) => {
  const each = chosen.map(([[column, value], isNullable], i) => ({ name: `Column_${i}`, column, value, isNullable }));
  const ordered = each.filter(({ column, isNullable }) => !isNullable && column.kind !== 'list').map(({ name }) => name);
  const indexed = each.filter(({ column }) => column.kind !== 'list').map(({ name }) => name);
  const made: Table = table<Columns>(
    'made',
    { key: id(), ...Object.fromEntries(each.map(({ name, column, isNullable }) => [name, isNullable ? optional(column) : column])) },
    { key: 'key', indexes: indexed.length > 0 ? [indexed.slice(0, 2)] : [] },
  );
  const values = each.map(({ name, value, isNullable }) => [name, isNullable ? fc.option(value, { freq: 3 }) : value] as const);
  const row: fc.Arbitrary<AnyRow> = fc.record({ key: texts.filter((key) => key !== ''), ...Object.fromEntries(values) });
  const names = Object.keys(made.columns);
  const request = fc.record({
    conditions: fc.array(conditionsOf(made, each), { maxLength: 2 }),
    orderBy: fc.constantFrom('key', ...ordered),
    descending: fc.boolean(),
    fromEnd: fc.boolean(),
    count: fc.integer({ min: 0, max: 4 }),
    columns: fc.option(fc.subarray(names), { nil: undefined }),
    after: fc.option(row, { nil: undefined }),
    before: fc.option(row, { nil: undefined }),
  });
  return fc.record({
    made: fc.constant(made),
    rows: fc.array(row, { maxLength: 10 }),
    requests: fc.array(request, { minLength: 1, maxLength: 8 }),
  });
});

function conditionsOf(
  made: Table,
  each: readonly { readonly name: string; readonly column: Column; readonly value: fc.Arbitrary<unknown>; readonly isNullable: boolean }[],
): fc.Arbitrary<Condition> {
  const words = ['id', 'text', 'oneOf'];
  const of = each
    .filter(({ column }) => column.kind !== 'list')
    .map(({ name, value, isNullable }) =>
      fc.oneof(
        (isNullable ? fc.option(value) : value).map((one): Condition => ({ column: name, is: 'equal', value: one })),
        fc.array(value, { maxLength: 3 }).map((some): Condition => ({ column: name, is: 'in', value: some })),
        fc
          .tuple(value, fc.constantFrom('atLeast' as const, 'below' as const))
          .map(([one, is]): Condition => ({ column: name, is, value: one })),
      ),
    );
  const anyColumn = ['key', ...each.filter(({ column }) => words.includes(column.kind)).map(({ name }) => name)];
  expect(anyColumn.every((name) => name in made.columns)).toBe(true);
  return fc.oneof(
    texts.map((value): Condition => ({ anyColumn, is: 'contains', value })),
    ...of,
  );
}

withPostgres('PostgreSQL and SQLite', () => {
  it('give the same answers, whatever tables and rows there are and whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ made, rows, requests }) => {
        const db = new Database(':memory:');
        const database = await testDatabase(made);
        const snapshots = postgresSnapshots(database);
        try {
          db.exec(logTables);
          stand(db, made);
          const [lite, full] = [sqliteRows(), postgresRows()];
          const writes = new Map(rows.map((row) => [keyOf(made, row), row]));
          await lite.write(db, made, writes);
          await database.transaction(async (connection) => {
            await full.write(connection, made, writes);
            const [stored, same] = [postgresStanding(connection), sqliteStanding(db)];
            expect(await stored.rows(made, undefined, rows.length)).toEqual(await same.rows(made, undefined, rows.length));
            for (const row of rows) {
              const [[name, value] = ['key', 'none']] = Object.entries(row).slice(-1);
              const found = postgresRows().where(connection, made, { [name]: value });
              expect(await found).toStrictEqual(await lite.where(db, made, { [name]: value }));
            }
          });
          const [reader, snapshot] = [new Reader(db), await snapshots.take()];
          expect(await snapshot.rows(made, [...writes.keys(), 'none'])).toStrictEqual(reader.rows(made, [...writes.keys(), 'none']));
          for (const { after, before, columns: only, ...asked } of requests) {
            const request: PageRequest = {
              ...asked,
              ...(only && { columns: only }),
              ...(after && { after: cursorOf(made, asked, after) }),
              ...(before && { before: cursorOf(made, asked, before) }),
            };
            expect(await snapshot.page(made, request)).toStrictEqual(reader.page(made, request));
            expect(await snapshot.count(made, asked.conditions)).toBe(reader.count(made, asked.conditions));
          }
          snapshot.release();
        } finally {
          db.close();
          snapshots.close();
          await database.remove();
        }
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});
