import type { Database } from 'better-sqlite3';
import { Catalog } from '../catalog.ts';
import { createIndexes, createTable } from './ddl.ts';
import { sqliteRows } from './rows.ts';
import { sqliteNames, sqliteTables } from './tables.ts';

/** The catalog of read tables in SQLite; the connection is the writer's, in its transaction. */
export const sqliteCatalog = new Catalog<Database>({
  names: sqliteNames,
  sql: sqliteTables,
  createTable: (_, ...asked) => createTable(...asked),
  createIndexes: (_, ...asked) => createIndexes(...asked),
  rows: sqliteRows,
});
