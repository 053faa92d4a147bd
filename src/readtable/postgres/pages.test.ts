import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { columnsContract } from '../columns.contract.ts';
import { readOnce } from '../once.ts';
import { pagesContract } from '../pages.contract.ts';
import { type Asked, type OpenPages, requestOf } from '../pages.fixture.ts';
import type { RowWrites } from '../port.ts';
import type { Condition, Selection } from '../read.ts';
import { thing, things } from '../rowstore.contract.ts';
import { type TestDatabase, testDatabase, withPostgres } from './database.fixture.ts';
import { plansOf } from './plans.fixture.ts';
import { postgresRows } from './rows.ts';
import { postgresSnapshots } from './snapshots.ts';

withPostgres('Pages of PostgreSQL', () => {
  async function open(): Promise<OpenPages & { readonly database: TestDatabase }> {
    const database = await testDatabase(things);
    const snapshots = postgresSnapshots(database);
    return {
      database,
      reads: {
        row: (...asked) => readOnce(snapshots, (snapshot) => snapshot.row(...asked)),
        rows: (...asked) => readOnce(snapshots, (snapshot) => snapshot.rows(...asked)),
        page: (...asked) => readOnce(snapshots, (snapshot) => snapshot.page(...asked)),
        count: (...asked) => readOnce(snapshots, (snapshot) => snapshot.count(...asked)),
      },
      write: (rows: RowWrites) => database.transaction(async (transaction) => postgresRows().write(transaction, things, rows)),
      close: async () => {
        snapshots.close();
        await database.remove();
      },
    };
  }

  pagesContract('PostgreSQL', open, 60);
  columnsContract('PostgreSQL', open, 40);

  const byKey: Selection = { conditions: [], orderBy: 'thingId', descending: false };

  async function opened() {
    const one = await open();
    onTestFinished(one.close);
    return one;
  }

  it('a text that cannot be stored is found nowhere, and stands in the order where it would stand', async () => {
    const { reads, write } = await opened();
    const names = ['a', 'a\u0001', 'a\u0001b', 'ab', 'b'];
    await write(new Map(names.map((name, i) => [String(i), thing(String(i), { name })])));
    const found = async (condition: Condition) => {
      const { rows } = await reads.page(things, { ...byKey, conditions: [condition], count: 9, fromEnd: false });
      expect(await reads.count(things, [condition])).toBe(rows.length);
      return rows.map((row) => row['name']);
    };
    expect(await found({ column: 'name', is: 'equal', value: 'a\0' })).toEqual([]);
    expect(await found({ column: 'name', is: 'in', value: ['a\0', 'b', 'c'] })).toEqual(['b']);
    expect(await found({ column: 'name', is: 'atLeast', value: 'a\0' })).toEqual(names.filter((name) => name >= 'a\0'));
    expect(await found({ column: 'name', is: 'below', value: 'a\0b' })).toEqual(['a']);
    expect(await found({ anyColumn: ['name'], is: 'contains', value: '\0' })).toEqual([]);
    const cursor = Buffer.from(JSON.stringify(['things.name', 'a\0', '1'])).toString('base64url');
    const page = reads.page(things, { ...byKey, orderBy: 'name', count: 9, fromEnd: false, after: cursor });
    await expect(page).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  });

  it('a value that no row can have is no fault', async () => {
    const { reads, write } = await opened();
    await write(new Map([['a', thing('a')]]));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('size', 'price', 'madeAt', 'open'),
        fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
        async (column, value) => {
          const cursor = Buffer.from(JSON.stringify([`things.${column}`, value, 'b'])).toString('base64url');
          const { rows } = await reads.page(things, { ...byKey, orderBy: column, count: 9, fromEnd: false, after: cursor });
          expect(rows).toHaveLength(value < 0 ? 1 : 0);
          expect(await reads.count(things, [{ column, is: 'equal', value }])).toBe(0);
          expect(await reads.count(things, [{ column, is: 'in', value: [value, 1] }])).toBe(column === 'size' || column === 'open' ? 1 : 0);
        },
      ),
    );
  });

  describe('a query plan', () => {
    const made = { orderBy: 'madeAt', descending: true } as const;
    const status: Condition = { column: 'status', is: 'in', value: ['NEW'] };
    const from: Condition = { column: 'madeAt', is: 'atLeast', value: new Date(0) };
    const fragile: Condition = { column: 'fragile', is: 'equal', value: null };
    const name = { conditions: [], orderBy: 'name', descending: false };

    it.each<[string, Asked, RegExp]>([
      [
        'by key',
        { ...byKey, count: 5, fromEnd: false, after: thing('a') },
        /^Limit; -> {2}Index Scan using "?things_\w+"? on things; Index Cond: \("thingId" > \$1\)$/,
      ],
      [
        'by key, from the end',
        { ...byKey, count: 5, fromEnd: true, before: thing('a') },
        /Index Scan Backward using "?things_\w+"? on things; Index Cond: \("thingId" < \$1\)$/,
      ],
      [
        'by an indexed column',
        { ...name, count: 5, fromEnd: false, after: thing('a') },
        /Index Scan using things__\w_name on things; Index Cond: \(ROW\(name, "thingId"\) > ROW\(\$1, \$2\)\)$/,
      ],
      [
        'by an indexed column, between cursors',
        { ...name, count: 5, fromEnd: true, after: thing('a'), before: thing('b') },
        /Index Scan Backward using things__\w_name on things; Index Cond: \(\(ROW\(name, "thingId"\) > ROW\(\$1, \$2\)\) AND \(ROW\(name, "thingId"\) < ROW\(\$3, \$4\)\)\)$/,
      ],
      [
        'of one value, newest first',
        { ...made, conditions: [status], count: 5, fromEnd: false, after: thing('a') },
        /Index Scan Backward using "things__\w_status_madeAt" on things; Index Cond: \(\(status = \$1\) AND \(ROW\("madeAt", "thingId"\) < ROW\(\$2, \$3\)\)\)$/,
      ],
      [
        'of one value and a range',
        { ...made, conditions: [status, from], count: 5, fromEnd: false },
        /Index Scan Backward using "things__\w_status_madeAt" on things; Index Cond: \(\(status = \$1\) AND \("madeAt" >= \$2\)\)$/,
      ],
      [
        'of null besides',
        { ...made, conditions: [status, fragile], count: 5, fromEnd: false },
        /Index Scan Backward using "things__\w_status_madeAt" on things; Index Cond: \(status = \$1\); Filter: \(fragile IS NULL\)$/,
      ],
    ])('%s follows the index and sorts nothing', async (_, asked, plan) => {
      const { reads, database } = await opened();
      await reads.page(things, requestOf(asked));
      const plans = await plansOf(database, (text) => text.startsWith('select'));
      expect(plans[0]).toMatch(plan);
      expect(plans.filter((one) => /Sort|Seq Scan/.test(one))).toEqual([]);
      expect(plans).toHaveLength(1 + (asked.after ? 1 : 0) + (asked.before ? 1 : 0));
    });

    it('of rows by key follows the key, for one and for many', async () => {
      const { reads, database } = await opened();
      await reads.row(things, 'a');
      await reads.rows(things, ['a', 'b']);
      const plans = await plansOf(database, (text) => text.startsWith('select'));
      expect(plans.map((plan) => plan.replace(/things_\w+/, 'key'))).toEqual([
        'Index Scan using key on things; Index Cond: ("thingId" = $1)',
        'Index Scan using key on things; Index Cond: ("thingId" = ANY ($1))',
      ]);
    });
  });
});
