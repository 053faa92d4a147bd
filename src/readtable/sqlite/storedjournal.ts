import type { Database } from 'better-sqlite3';
import type { EntryPlace, StoredEntry, StoredJournal, StoredTable } from '../storedjournal.ts';

/** The journal as SQLite holds it. */
export const sqliteStoredJournal: StoredJournal<Database> = {
  tables: (...asked) => tables(...asked),
  entries: (...asked) => entries(...asked),
  end: (...asked) => end(...asked),
  put: (...asked) => put(...asked),
  note: (...asked) => note(...asked),
};

/** The read tables that stand. */
const tables = (db: Database): readonly StoredTable[] =>
  db
    .prepare<[], StoredTable>(
      `SELECT name, hash, position, journaled_after AS journaledAfter FROM read_tables
       WHERE name IN (SELECT name FROM sqlite_schema WHERE type = 'table') ORDER BY name`,
    )
    .all();

/** A table's entries after a place, in order. */
const entries = (db: Database, table: string, [position, key]: EntryPlace, count: number): readonly StoredEntry[] =>
  db
    .prepare<[string, number, string, number], StoredEntry>(
      'SELECT position, key, before FROM changes WHERE read_table = ? AND (position, key) > (?, ?) ORDER BY position, key LIMIT ?',
    )
    .raw()
    .all(table, position, key, count);

/** Where a table's entries end. */
const end = (db: Database, table: string): EntryPlace | undefined =>
  db
    .prepare<[string], EntryPlace>('SELECT position, key FROM changes WHERE read_table = ? ORDER BY position DESC, key DESC LIMIT 1')
    .raw()
    .get(table);

/** Adds entries. */
function put(db: Database, table: string, entries: readonly StoredEntry[]): void {
  const insert = db.prepare('INSERT INTO changes (read_table, position, key, before) VALUES (?, ?, ?, ?)');
  for (const entry of entries) insert.run(table, ...entry);
}

/** Notes how far back a table's changes can be read. */
function note(db: Database, { name, position, journaledAfter }: StoredTable): void {
  db.prepare('UPDATE read_tables SET position = ?, journaled_after = ? WHERE name = ?').run(position, journaledAfter, name);
}
