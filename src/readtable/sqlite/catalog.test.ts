import { expect, it, onTestFinished } from 'vitest';
import { tableHash } from '../hash.ts';
import { id, int, list, optional, type Table, table, text } from '../index.ts';
import { nextTable } from '../names.ts';
import { thing, things } from '../rowstore.contract.ts';
import { allRows, dropUnfinished, dropUnknown, indexNext, nextRows, prepareNext, swapNext, tableStates } from './catalog.ts';
import { sqliteJournal } from './journal.ts';
import { sqliteRows } from './rows.ts';
import { stand, testFile } from './testing.ts';

function file(...tables: readonly Table[]) {
  const opened = testFile(...tables);
  onTestFinished(opened.remove);
  return opened.writer;
}

const names = (db: ReturnType<typeof file>, type: string) =>
  db
    .prepare("SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite%' AND tbl_name <> 'changes' ORDER BY name")
    .pluck()
    .all(type);

it('creates a table with the key last in every index', () => {
  const db = file(things);
  const sql = db.prepare("SELECT sql FROM sqlite_master WHERE tbl_name = 'things' AND sql IS NOT NULL").pluck().all();
  expect(sql).toEqual([
    'CREATE TABLE "things" ("thingId" TEXT PRIMARY KEY NOT NULL, "name" TEXT NOT NULL, "note" TEXT, "size" INTEGER NOT NULL, "price" INTEGER NOT NULL, "discount" INTEGER, ' +
      '"madeAt" INTEGER NOT NULL, "soldAt" INTEGER, "open" INTEGER NOT NULL, "fragile" INTEGER, "status" TEXT NOT NULL, "parts" TEXT NOT NULL) STRICT',
    'CREATE INDEX "things__a_status_madeAt" ON "things" ("status", "madeAt", "thingId")',
    'CREATE INDEX "things__a_name" ON "things" ("name", "thingId")',
  ]);
});

it('puts lists behind all other columns, whose readers need not pass a long one', () => {
  const baskets = table(
    'baskets',
    { basketId: id(), items: list('Item', { sku: id() }), total: int(), notes: list('Note', {}) },
    { key: 'basketId' },
  );
  const columns = file(baskets).prepare("SELECT name FROM pragma_table_info('baskets') ORDER BY cid").pluck().all();
  expect(columns).toEqual(['basketId', 'total', 'items', 'notes']);
});

it('swaps a rebuilt table in, again and again, rows and indexes with it', async () => {
  const db = file(things);
  const next = nextRows();
  for (let round = 1; round <= 3; round += 1) {
    prepareNext(db, things);
    await next.write(db, things, new Map([['a', thing('a', { size: round })]]));
    swapNext(db, things, `hash ${round}`, round);
    expect(await sqliteRows().get(db, things, 'a')).toEqual(thing('a', { size: round }));
    expect(names(db, 'table')).toEqual(['events', 'read_tables', 'things']);
    expect(names(db, 'index')).toHaveLength(2);
    expect(tableStates(db)).toEqual(new Map([['things', `hash ${round}`]]));
    expect(db.prepare('SELECT position, journaled_after FROM read_tables').raw().get()).toEqual([round, round]);
  }
});

it('begins anew where a rebuild was left unfinished', async () => {
  const db = file(things);
  prepareNext(db, things);
  await nextRows().write(db, things, new Map([['a', thing('a')]]));
  indexNext(db, things);
  expect(names(db, 'index')).toHaveLength(4);
  prepareNext(db, things);
  expect(allRows(db, things, nextTable(things))).toEqual([]);
  expect(names(db, 'index')).toHaveLength(2);
});

it('makes the indexes of a table that is filled when its rows are there, but that of a look for rows before it', async () => {
  const db = file(things);
  const before = names(db, 'index');
  const made = () => names(db, 'index').filter((name) => !before.includes(name));
  prepareNext(db, things);
  const next = nextRows();
  await next.write(db, things, new Map([['a', thing('a', { name: 'x' })]]));
  await next.where(db, things, { size: 1 });
  expect(made()).toEqual([]);
  expect(await next.where(db, things, { size: 1, name: 'x' })).toEqual([thing('a', { name: 'x' })]);
  expect(made()).toEqual(['things__b_name']);
  indexNext(db, things);
  expect(made()).toEqual(['things__b_name', 'things__b_status_madeAt']);
  swapNext(db, things, 'hash', 1);
  expect(names(db, 'index')).toEqual(['things__b_name', 'things__b_status_madeAt']);
});

it('leaves all as it was where the transaction fails, at any step', () => {
  const db = file(things);
  const schema = () => db.prepare('SELECT name, sql FROM sqlite_master UNION ALL SELECT name, hash FROM read_tables').all();
  const before = schema();
  const fails = db.transaction((steps: number) => {
    const all = [() => prepareNext(db, things), () => swapNext(db, things, 'new', 1), () => dropUnknown(db, new Set())];
    for (const step of all.slice(0, steps)) step();
    throw new Error('power cut');
  });
  for (const steps of [1, 2, 3]) {
    expect(() => fails.immediate(steps)).toThrow('power cut');
    expect(schema()).toEqual(before);
  }
});

it('forgets the journal of a table that is swapped in or dropped, and of no other', () => {
  const gone = table('gone', { goneId: id() }, { key: 'goneId' });
  const db = file(things, gone);
  const entry = { key: 'a', before: undefined, position: 1 };
  for (const each of [things, gone]) sqliteJournal().append(db, 1, [{ ...entry, table: each }]);
  prepareNext(db, things);
  swapNext(db, things, 'hash', 2);
  expect(db.prepare('SELECT read_table FROM changes').pluck().all()).toEqual(['gone']);
  dropUnknown(db, new Set(['things']));
  expect(db.prepare('SELECT count(*) FROM changes').pluck().get()).toBe(0);
});

it('drops the tables that no definition knows, and what unfinished rebuilds left, and nothing else', () => {
  const [kept, gone] = [table('kept', { keptId: id() }, { key: 'keptId' }), table('gone', { goneId: id() }, { key: 'goneId' })];
  const db = file(kept, gone);
  for (const each of [kept, gone]) prepareNext(db, each);
  dropUnknown(db, new Set(['kept']));
  expect(names(db, 'table')).toEqual(['events', 'gone__next', 'kept', 'kept__next', 'read_tables']);
  dropUnfinished(db);
  expect(names(db, 'table')).toEqual(['events', 'kept', 'read_tables']);
  expect([...tableStates(db).keys()]).toEqual(['kept']);
});

it('counts a table whose rows are not there as not standing', () => {
  const db = file(things);
  db.exec('DROP TABLE things');
  expect(tableStates(db).size).toBe(0);
  stand(db, things);
  expect(tableStates(db).size).toBe(1);
});

it.each(['events', 'read_tables', 'changes'])('does not touch the log where a read table is named %s', (name) => {
  const db = file();
  const thief = table(name, { thiefId: id() }, { key: 'thiefId' });
  expect(() => prepareNext(db, thief)).toThrow(expect.objectContaining({ code: 'TABLE_NAME_TAKEN' }));
  expect(() => swapNext(db, thief, 'hash', 1)).toThrow(expect.objectContaining({ code: 'TABLE_NAME_TAKEN' }));
  expect(names(db, 'table')).toEqual(['events', 'read_tables']);
});

it('shows rows as their stored bytes, in the order of their keys', async () => {
  const db = file(things);
  const spare = { spare: true, tags: [], madeAt: new Date(1), price: thing('').price, sku: 'x' };
  await sqliteRows().write(
    db,
    things,
    new Map([
      ['b', thing('b')],
      ['a', thing('a', { parts: [spare] })],
    ]),
  );
  expect(allRows(db, things).map((row) => JSON.parse(row))).toEqual([
    [
      'a',
      'Lantern',
      null,
      1,
      125_000,
      null,
      1_291_191_960_123,
      null,
      1,
      null,
      'NEW',
      '[{"sku":"x","price":125000,"madeAt":1,"spare":1,"tags":[]}]',
    ],
    ['b', 'Lantern', null, 1, 125_000, null, 1_291_191_960_123, null, 1, null, 'NEW', '[]'],
  ]);
});

it('hashes what rows depend on, and nothing else', () => {
  const columns = { userId: id(), name: text(), age: optional(int()) };
  const users = table('users', columns, { key: 'userId' });
  const hash = tableHash(users, 'source');
  expect(
    tableHash(table('users', { ...columns, name: text('How the user is called.') }, { key: 'userId', description: 'Users.' }), 'source'),
  ).toBe(hash);
  expect(tableHash(users, 'another source')).not.toBe(hash);
  expect(tableHash(table('users', { ...columns, age: int() }, { key: 'userId' }), 'source')).not.toBe(hash);
  expect(tableHash(table('users', { ...columns, name: id() }, { key: 'userId' }), 'source')).not.toBe(hash);
  expect(tableHash(table('users', columns, { key: 'userId', indexes: [['name']] }), 'source')).not.toBe(hash);
  expect(tableHash(table('people', columns, { key: 'userId' }), 'source')).not.toBe(hash);
});
