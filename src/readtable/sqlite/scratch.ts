import Database from 'better-sqlite3';
import { limits } from '#base';
import type { Table } from '../table.ts';
import { createIndexes, createTable } from './ddl.ts';

/**
 * Empty read tables in a database of their own, which is gone when it is closed, and when its process dies: to work out what rows should be. It is kept
 * in memory up to `limits.pageCacheKiB`; what does not fit lies in a file without a name among the temporary ones, which takes what the tables take.
 */
export function openScratchTables(tables: readonly Table[]): Database.Database {
  const db = new Database('');
  // There is nothing to be kept: no journal, no sync, one transaction.
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.pragma(`cache_size = ${-limits.pageCacheKiB}`);
  for (const table of tables) {
    db.exec(createTable(table));
    for (const { statement } of createIndexes(table, table.name, `${table.name}__`)) db.exec(statement);
  }
  db.exec('BEGIN');
  return db;
}
