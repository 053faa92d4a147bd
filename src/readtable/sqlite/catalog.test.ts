import { expect, it, onTestFinished } from 'vitest';
import { catalogContract } from '../catalog.contract.ts';
import { tableHash } from '../hash.ts';
import { id, int, list, optional, type Table, table, text } from '../index.ts';
import { things } from '../rowstore.contract.ts';
import { sqliteStanding } from '../standing.ts';
import { sqliteCatalog } from './catalog.ts';
import { sqliteJournal } from './journal.ts';
import { sqliteRows } from './rows.ts';
import { testFile, transactionOn } from './testing.ts';

function file(...tables: readonly Table[]) {
  const opened = testFile(...tables);
  onTestFinished(opened.remove);
  return opened.writer;
}

catalogContract('SQLite', sqliteCatalog, (tables) => {
  const { writer: db, remove } = testFile(...tables);
  const names = (type: string) =>
    db
      .prepare<[string], string>(
        `SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite%' AND tbl_name NOT IN ('events', 'read_tables', 'changes') ORDER BY name`,
      )
      .pluck()
      .all(type);
  return {
    standing: sqliteStanding,
    rows: sqliteRows(),
    journal: sqliteJournal(),
    transaction: transactionOn(db),
    tables: () => names('table'),
    indexes: () => names('index'),
    noted: (name) =>
      db.prepare<[string], unknown[]>('SELECT position, journaled_after, rebuilds FROM read_tables WHERE name = ?').raw().get(name),
    journaled: () => db.prepare<[], string>('SELECT DISTINCT read_table FROM changes').pluck().all(),
    drop: (name) => void db.exec(`DROP TABLE ${name}`),
    close: remove,
  };
});

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
