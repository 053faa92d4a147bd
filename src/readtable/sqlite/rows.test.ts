import type { Database } from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { type Equals, type RowStore, type Table, table, text } from '../index.ts';
import { putting, rowStoreContract, thing, things } from '../rowstore.contract.ts';
import { allRows, nextTable, prepareNext } from './catalog.ts';
import { sqliteRows } from './rows.ts';
import { testFile } from './testing.ts';

const transactionOn =
  (db: Database) =>
  async <T>(work: (connection: Database) => Promise<T>): Promise<T> => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = await work(db);
      db.exec('COMMIT');
      return result;
    } catch (fault) {
      db.exec('ROLLBACK');
      throw fault;
    }
  };

rowStoreContract('SQLite', (table) => {
  const { writer, remove } = testFile(table);
  return { store: sqliteRows(), transaction: transactionOn(writer), close: remove };
});

function file(...tables: readonly Table[]) {
  const opened = testFile(...tables);
  onTestFinished(opened.remove);
  return opened;
}

it('writes to the table that it is told, beside the one that stands', () => {
  const { writer } = file(things);
  prepareNext(writer, things);
  sqliteRows({ physical: nextTable }).write(writer, things, putting(things, thing('a')));
  expect(allRows(writer, things)).toEqual([]);
  expect(allRows(writer, things, nextTable(things))).toHaveLength(1);
});

it('keeps the connections apart', async () => {
  const [one, other] = [file(things), file(things)];
  const store = sqliteRows();
  await store.write(one.writer, things, putting(things, thing('a')));
  expect(await store.get(one.writer, things, 'a')).toEqual(thing('a'));
  expect(await store.get(other.writer, things, 'a')).toBeUndefined();
});

it('keeps a table of keys alone', async () => {
  const names = table('names', { name: text() }, { key: 'name' });
  const { writer } = file(names);
  const store = sqliteRows();
  for (let i = 0; i < 2; i += 1) await store.write(writer, names, putting(names, { name: 'a' }));
  expect(await store.where(writer, names, {})).toEqual([{ name: 'a' }]);
});

it('refuses, by the table itself, what is of another kind', () => {
  const { writer } = file(things);
  sqliteRows().write(writer, things, putting(things, thing('a')));
  expect(() => writer.exec("UPDATE things SET size = 'big'")).toThrow('cannot store TEXT value in INTEGER column');
});

it('looks rows up by an index, for null too', () => {
  const { writer } = file(things);
  const plan = writer
    .prepare<[], { detail: string }>("EXPLAIN QUERY PLAN SELECT * FROM things WHERE status IS 'NEW' AND madeAt IS 0")
    .all();
  expect(plan.map(({ detail }) => detail)).toEqual(['SEARCH things USING INDEX things__a_status_madeAt (status=? AND madeAt=?)']);
});

it('prepares each shape of look-up once', async () => {
  const { writer } = file(things);
  let prepared = 0;
  const counting = new Proxy(writer, {
    get: (db, name) => {
      if (name === 'prepare') prepared += 1;
      const member: unknown = Reflect.get(db, name);
      return typeof member === 'function' ? member.bind(db) : member;
    },
  });
  const store: RowStore<Database> = sqliteRows();
  const look = async (equals: Equals) => store.where(counting, things, equals);
  await look({ status: 'NEW' });
  const once = prepared;
  await look({ status: 'OLD' });
  await store.write(counting, things, putting(things, thing('a')));
  await store.get(counting, things, 'a');
  expect(prepared).toBe(once);
  await look({ note: null });
  expect(prepared).toBe(once + 1);
});

it('writes the columns that differ, and their indexes alone', async () => {
  const { writer } = file(things);
  const store = sqliteRows();
  const before = thing('a', { parts: [{ sku: 'x', price: thing('').price, madeAt: null, spare: false, tags: [] }] });
  await store.write(writer, things, putting(things, before));
  const run: string[] = [];
  const prepare = (sql: string) => {
    run.push(sql);
    return writer.prepare(sql);
  };
  const noting = new Proxy(writer, { get: (db, name) => (name === 'prepare' ? prepare : Reflect.get(db, name)) });
  // The same values in other objects are no change.
  const same = { ...before, madeAt: new Date(before.madeAt), parts: structuredClone(before.parts) };
  await store.write(noting, things, new Map([['a', { before, after: same }]]));
  expect(run.filter((sql) => sql.startsWith('UPDATE'))).toEqual([]);
  await store.write(noting, things, new Map([['a', { before, after: { ...same, size: 2, note: 'n' } }]]));
  expect(run.filter((sql) => sql.startsWith('UPDATE'))).toEqual(['UPDATE "things" SET "note" = ?, "size" = ? WHERE "thingId" = ?']);
  expect(await store.get(writer, things, 'a')).toEqual({ ...before, size: 2, note: 'n' });
});

it('stops at a row that does not stand as the writer knows it', async () => {
  const { writer } = file(things);
  const change = new Map([['a', { before: thing('a'), after: thing('a', { size: 2 }) }]]);
  expect(() => sqliteRows().write(writer, things, change)).toThrow('The row a of things is not there to be changed.');
});
