import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { tableHash } from '../hash.ts';
import type { Table } from '../table.ts';
import { createIndexes, createTable } from './ddl.ts';

/** The tables of the log that read tables know of, as its migrations make them. */
export const logTables = `
  CREATE TABLE events (position INTEGER PRIMARY KEY);
  CREATE TABLE read_tables (name TEXT PRIMARY KEY, hash TEXT NOT NULL, position INTEGER NOT NULL, journaled_after INTEGER,
    rebuilds INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE changes (
    read_table TEXT NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL, before TEXT, PRIMARY KEY (read_table, position, key)
  ) WITHOUT ROWID;
  CREATE INDEX changes_key ON changes (read_table, position / 2000, key, position);`;

/** A file of its own with the log's tables that read tables know of, for tests. */
export interface TestFile {
  readonly writer: Database.Database;
  /** SQL that the readers ran, with its values. */
  readonly queries: string[];
  openReader(): Database.Database;
  /** Moves the log's position on. */
  advance(count?: number): void;
  /** The log's position. */
  position(): number;
  remove(): void;
}

/** Makes such a file, and the read tables in it, empty. */
export function testFile(...tables: readonly Table[]): TestFile {
  const folder = mkdtempSync(join(tmpdir(), 'varve-readtable-'));
  const path = join(folder, 'varve.db');
  const writer = new Database(path);
  writer.pragma('journal_mode = WAL');
  writer.exec(logTables);
  for (const table of tables) stand(writer, table);
  const queries: string[] = [];
  const readers: Database.Database[] = [];
  return {
    writer,
    queries,
    openReader: () => {
      const reader = new Database(path, { readonly: true, verbose: (text) => queries.push(String(text)) });
      readers.push(reader);
      return reader;
    },
    advance: (count = 1) => {
      writer.prepare('INSERT INTO events SELECT coalesce(max(position), 0) + ? FROM events').run(count);
    },
    position: () => Number(writer.prepare('SELECT coalesce(max(position), 0) FROM events').pluck().get()),
    remove: () => {
      for (const db of [writer, ...readers]) db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Creates a read table as a rebuild of an empty log does. */
export function stand(db: Database.Database, table: Table, source = ''): void {
  const indexes = createIndexes(table, table.name, `${table.name}__a_`).map(({ statement }) => statement);
  db.exec([createTable(table), ...indexes].join('; '));
  db.prepare('INSERT INTO read_tables VALUES (?, ?, 0, 0, 1)').run(table.name, tableHash(table, source));
}

/** Runs the work in a transaction; where it throws, undoes it and throws on. */
export const transactionOn =
  (db: Database.Database) =>
  async <T>(work: (connection: Database.Database) => Promise<T>): Promise<T> => {
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
