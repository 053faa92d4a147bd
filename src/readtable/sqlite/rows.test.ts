import type { Database } from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { type Equals, type RowStore, type Table, table, text } from '../index.ts';
import { nextTable } from '../names.ts';
import { rowStoreContract, thing, things } from '../rowstore.contract.ts';
import { sqliteStanding } from '../standing.ts';
import { sqliteCatalog } from './catalog.ts';
import { sqliteRows } from './rows.ts';
import { testFile, transactionOn } from './testing.ts';

rowStoreContract('SQLite', (table) => {
  const { writer, remove } = testFile(table);
  return { store: sqliteRows(), transaction: transactionOn(writer), close: remove };
});

function file(...tables: readonly Table[]) {
  const opened = testFile(...tables);
  onTestFinished(opened.remove);
  return opened;
}

it('writes to the table that it is told, beside the one that stands', async () => {
  const { writer } = file(things);
  await sqliteCatalog.prepareNext(writer, things);
  sqliteRows({ physical: nextTable }).write(writer, things, new Map([['a', thing('a')]]));
  expect(await sqliteStanding(writer).count('things')).toBe(0);
  expect(await sqliteStanding(writer).count(nextTable(things))).toBe(1);
});

it('keeps the connections apart', async () => {
  const [one, other] = [file(things), file(things)];
  const store = sqliteRows();
  await store.write(one.writer, things, new Map([['a', thing('a')]]));
  expect(await store.get(one.writer, things, 'a')).toEqual(thing('a'));
  expect(await store.get(other.writer, things, 'a')).toBeUndefined();
});

it('keeps a table of keys alone', async () => {
  const names = table('names', { name: text() }, { key: 'name' });
  const { writer } = file(names);
  const store = sqliteRows();
  for (let i = 0; i < 2; i += 1) await store.write(writer, names, new Map([['a', { name: 'a' }]]));
  expect(await store.where(writer, names, {})).toEqual([{ name: 'a' }]);
});

it('refuses, by the table itself, what is of another kind', () => {
  const { writer } = file(things);
  sqliteRows().write(writer, things, new Map([['a', thing('a')]]));
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
  await store.write(counting, things, new Map([['a', thing('a')]]));
  await store.get(counting, things, 'a');
  expect(prepared).toBe(once);
  await look({ note: null });
  expect(prepared).toBe(once + 1);
});
