import type { Database } from 'better-sqlite3';
import { VarveError } from '#base';
import type { Catalog } from '../catalog.ts';
import { nextTable, quote } from '../names.ts';
import type { RowStore } from '../port.ts';
import type { Table } from '../table.ts';
import { createIndexes, createTable } from './ddl.ts';
import { sqliteRows } from './rows.ts';

/** The catalog of read tables in SQLite; the connection is the writer's, in its transaction. */
export const sqliteCatalog: Catalog<Database> = {
  tableStates,
  prepareNext,
  indexNext,
  nextRows,
  swapNext,
  noteRebuilt,
  dropUnfinished,
  enforce,
  allRows,
};

/** The read tables that stand, and the hash of what each was built by. One whose rows are not there counts as not standing. */
export function tableStates(db: Database): ReadonlyMap<string, string> {
  const rows = db
    .prepare<[], readonly [string, string]>(
      "SELECT name, hash FROM read_tables WHERE name IN (SELECT name FROM sqlite_master WHERE type = 'table')",
    )
    .raw()
    .all();
  return new Map(rows);
}

/**
 * Makes the empty table that a rebuild fills; what an unfinished rebuild left is dropped. Its indexes come when its rows are there, see
 * `indexNext`. In the caller's transaction. Throws `TABLE_NAME_TAKEN` where the name is that of a table of the log.
 */
export function prepareNext(db: Database, table: Table): void {
  assertOurs(db, table.name);
  const next = nextTable(table);
  drop(db, next);
  db.exec(createTable(table, next));
}

/** Makes those indexes of the table that a rebuild fills that are not there yet: of rows that are there, an index costs a fraction. */
export function indexNext(db: Database, table: Table): void {
  for (const { statement } of createIndexes(table, nextTable(table), freePrefix(db, table.name))) db.exec(statement);
}

/** The rows of the tables that a rebuild fills. A projection that looks for rows by their values gets the index for it as soon as it asks. */
export function nextRows(): RowStore<Database> {
  return sqliteRows({
    physical: nextTable,
    onWhere: (db, table, columns) => {
      const indexes = createIndexes(table, nextTable(table), freePrefix(db, table.name));
      const useful = indexes.find(({ first }) => columns.includes(first));
      if (useful) db.exec(useful.statement);
    },
  });
}

/**
 * Puts the rebuilt table, with all its indexes, in the old one's place and notes what it was built by. In the caller's transaction, so that readers see
 * the one or the other. Its journal begins anew, for rows may have become others without any event. Throws `TABLE_NAME_TAKEN` where the
 * name is that of a table of the log.
 *
 * @param position how far the log was folded
 */
export function swapNext(db: Database, table: Table, hash: string, position: number): void {
  assertOurs(db, table.name);
  indexNext(db, table);
  drop(db, table.name);
  db.exec(`ALTER TABLE ${quote(nextTable(table))} RENAME TO ${quote(table.name)}`);
  db.prepare('INSERT INTO read_tables (name, hash, position) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET hash = excluded.hash').run(
    table.name,
    hash,
    position,
  );
  noteRebuilt(db, table, position);
}

/** Rows of the table have become others without any event, at this position: whoever remembers or follows them begins anew. In the caller's transaction. */
export function noteRebuilt(db: Database, { name }: Table, position: number): void {
  db.prepare('UPDATE read_tables SET position = ?, journaled_after = ?, rebuilds = rebuilds + 1 WHERE name = ?').run(
    position,
    position,
    name,
  );
  forgetChanges(db, name);
}

/** Drops what unfinished rebuilds left. In the caller's transaction, while nothing is being rebuilt. */
export function dropUnfinished(db: Database): void {
  for (const name of names(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '*__next'")) drop(db, name);
}

/** Drops the read tables that no definition knows any more. In the caller's transaction. */
function enforce(db: Database, hashes: ReadonlyMap<string, string>): void {
  for (const name of names(db, 'SELECT name FROM read_tables').filter((name) => !hashes.has(name))) {
    drop(db, name);
    forgetChanges(db, name);
    db.prepare('DELETE FROM read_tables WHERE name = ?').run(name);
  }
}

/**
 * Every row of a read table in the order of its keys, as JSON of its stored values: the same strings, the same bytes (P3).
 *
 * @param name the table's name in SQL, where it is not the definition's own
 */
export function allRows(db: Database, table: Table, name: string = table.name): readonly string[] {
  const columns = Object.keys(table.columns).map(quote).join(', ');
  return db
    .prepare(`SELECT ${columns} FROM ${quote(name)} ORDER BY ${quote(table.key)}`)
    .raw()
    .all()
    .map((values) => JSON.stringify(values));
}

const forgetChanges = (db: Database, name: string) => db.prepare('DELETE FROM changes WHERE read_table = ?').run(name);

const drop = (db: Database, name: string) => db.exec(`DROP TABLE IF EXISTS ${quote(name)}`);

const names = (db: Database, sql: string, ...values: readonly string[]): readonly string[] =>
  db
    .prepare<unknown[], string>(sql)
    .pluck()
    .all(...values);

/** SQLite cannot rename an index. So two sets of names take turns, and a swap builds none anew. */
function freePrefix(db: Database, name: string): string {
  const first = `${name}__a_`;
  const taken = names(db, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?", name).some((index) =>
    index.startsWith(first),
  );
  return taken ? `${name}__b_` : first;
}

/** Nothing is dropped but what read_tables says is a read table: a definition named `events` must not cost the log. */
function assertOurs(db: Database, name: string): void {
  const stands = names(db, 'SELECT name FROM sqlite_master WHERE name = ?', name).length > 0;
  if (!stands || names(db, 'SELECT name FROM read_tables WHERE name = ?', name).length > 0) return;
  throw new VarveError({
    code: 'TABLE_NAME_TAKEN',
    message: `The read table ${name} has the name of a table that is none of the read tables.`,
    hint: 'Give the read table another name.',
  });
}
