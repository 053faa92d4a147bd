import type { Database } from 'better-sqlite3';
import type { SqlRow } from '#base';
import type { NamesSql, TableWrites } from '../sql/tables.ts';

/** A SQLite file by the texts that PostgreSQL takes too; in whichever transaction the connection is. */
export const sqliteTables = (db: Database): TableWrites => ({
  schema: 'main',
  read: <R extends SqlRow>(text: string, values?: readonly unknown[]) => db.prepare<[object], R>(text).raw().all(byNumber(values)),
  write: (text, values) => void db.prepare(text).run(byNumber(values)),
  define: (text) => void db.exec(text),
});

/** SQLite takes `$1` for a name. */
const byNumber = (values: readonly unknown[] = []) => Object.fromEntries(values.map((value, i) => [i + 1, value]));

/** Names in a SQLite file. */
export const sqliteNames: NamesSql = {
  tables: (schema) => `SELECT name FROM ${schema}.sqlite_schema WHERE type = 'table'`,
  relations: (schema) => `SELECT name FROM ${schema}.sqlite_schema`,
  columns: () => 'SELECT name FROM pragma_table_info($1)',
  indexes: (schema) => `SELECT name FROM ${schema}.sqlite_schema WHERE type = 'index' AND tbl_name = $1`,
};
