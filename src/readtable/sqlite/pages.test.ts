import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { columnsContract } from '../columns.contract.ts';
import { pagesContract } from '../pages.contract.ts';
import { type Asked, requestOf } from '../pages.fixture.ts';
import type { Condition, Selection } from '../read.ts';
import { thing, things } from '../rowstore.contract.ts';
import { Reader } from './reader.ts';
import { sqliteRows } from './rows.ts';
import { logTables, stand, testFile } from './testing.ts';

function open() {
  const db = new Database(':memory:');
  db.exec(logTables);
  stand(db, things);
  const rows = sqliteRows();
  return {
    reads: new Reader(db),
    write: (writes: Parameters<typeof rows.write>[2]) => rows.write(db, things, writes),
    close: () => void db.close(),
  };
}

pagesContract('SQLite', open, 300);
columnsContract('SQLite', open, 200);

const byKey: Selection = { conditions: [], orderBy: 'thingId', descending: false };

describe('a query plan', () => {
  const made = { orderBy: 'madeAt', descending: true } as const;
  const status: Condition = { column: 'status', is: 'in', value: ['NEW'] };
  const from: Condition = { column: 'madeAt', is: 'atLeast', value: new Date(0) };
  const name = { conditions: [], orderBy: 'name', descending: false };

  it.each<[string, Asked, string]>([
    ['by key', { ...byKey, count: 5, fromEnd: false, after: thing('a') }, 'sqlite_autoindex_things_1 (thingId>?)'],
    ['by key, from the end', { ...byKey, count: 5, fromEnd: true, before: thing('a') }, 'sqlite_autoindex_things_1 (thingId<?)'],
    ['by an indexed column', { ...name, count: 5, fromEnd: false, after: thing('a') }, 'things__a_name ((name,thingId)>(?,?))'],
    [
      'by an indexed column, between cursors',
      { ...name, count: 5, fromEnd: true, after: thing('a'), before: thing('b') },
      'things__a_name ((name,thingId)>(?,?) AND (name,thingId)<(?,?))',
    ],
    [
      'of one value, newest first',
      { ...made, conditions: [status], count: 5, fromEnd: false, after: thing('a') },
      'things__a_status_madeAt (status=? AND (madeAt,thingId)<(?,?))',
    ],
    [
      'of one value and a range',
      { ...made, conditions: [status, from], count: 5, fromEnd: false },
      'things__a_status_madeAt (status=? AND madeAt>?)',
    ],
  ])('%s follows the index and sorts nothing', (_, asked, index) => {
    const { writer, openReader, queries, remove } = testFile(things);
    onTestFinished(remove);
    const reader = new Reader(openReader());
    reader.page(things, requestOf(asked));
    const plans = queries.map((sql) =>
      writer
        .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail),
    );
    expect(plans[0]).toEqual([`SEARCH things USING INDEX ${index}`]);
    expect(plans.flat().filter((step) => step.includes('TEMP B-TREE') || step.startsWith('SCAN'))).toEqual([]);
    expect(plans).toHaveLength(1 + (asked.after ? 1 : 0) + (asked.before ? 1 : 0));
  });

  it('of rows by key follows the key, for one and for many', () => {
    const { writer, openReader, queries, remove } = testFile(things);
    onTestFinished(remove);
    const reader = new Reader(openReader());
    reader.row(things, 'a');
    reader.rows(things, ['a', 'b']);
    const first = queries.map((sql) => writer.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all()[0]?.detail);
    expect(first).toEqual(Array(2).fill('SEARCH things USING INDEX sqlite_autoindex_things_1 (thingId=?)'));
  });
});

it('prepares each shape of a query once', () => {
  const db = new Database(':memory:');
  onTestFinished(() => {
    db.close();
  });
  db.exec(logTables);
  stand(db, things);
  const reader = new Reader(db);
  const prepare = vi.spyOn(db, 'prepare');
  const ask = (value: readonly string[], count: number) =>
    reader.page(things, { ...byKey, conditions: [{ column: 'name', is: 'in', value }], count, fromEnd: false });
  ask(['a', 'b'], 5);
  ask(['c', 'd', 'e'], 7);
  expect(prepare).toHaveBeenCalledTimes(1);
  ask(['a'], 5);
  ask(['b'], 5);
  expect(prepare).toHaveBeenCalledTimes(2);
});
