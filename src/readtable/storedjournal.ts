import type { Database } from 'better-sqlite3';
import type { Position, SqlReads, SqlTransaction } from '#base';
import type { Awaitable } from './port.ts';
import { postgresNames } from './postgres/names.ts';
import { columnsInParts } from './postgres/parts.ts';
import type { NamesSql, TableReads, TableWrites } from './sql/tables.ts';
import { sqliteNames, sqliteTables } from './sqlite/tables.ts';

/** A read table as a store has it noted. */
export interface StoredTable {
  readonly name: string;
  /** What it was built by. */
  readonly hash: string;
  /** How far the log was then. */
  readonly position: Position;
  /** The journal holds every change of it after this position; null: it promises nothing. */
  readonly journaledAfter: Position | null;
}

/** A change as it is stored: the same in every store. */
export type StoredEntry = readonly [position: Position, key: string, before: string | null];

/** Where a table's entries are gone on from: after that of this key at this position. */
export type EntryPlace = readonly [position: Position, key: string];

/** The journal as a store holds it, to be taken to another store whole. Each is done on the caller's connection, and what writes in his transaction. */
export interface StoredJournal<Reads, Connection extends Reads = Reads> {
  /** The read tables that stand. */
  tables(reads: Reads): Awaitable<readonly StoredTable[]>;
  /** A table's entries after a place, in order. */
  entries(reads: Reads, table: string, after: EntryPlace, count: number): Awaitable<readonly StoredEntry[]>;
  /** Where a table's entries end; undefined where there are none. */
  end(reads: Reads, table: string): Awaitable<EntryPlace | undefined>;
  put(connection: Connection, table: string, entries: readonly StoredEntry[]): Awaitable<void>;
  /** Notes of a table how far back its changes can be read. */
  note(connection: Connection, table: StoredTable): Awaitable<void>;
}

/** The journal as SQLite holds it. */
export const sqliteStoredJournal: StoredJournal<Database> = {
  tables: (db) => tables(sqliteTables(db), sqliteNames),
  entries: (db, ...asked) => entries(sqliteTables(db), ...asked),
  end: (db, table) => end(sqliteTables(db), table),
  put: (db, table, entries) => {
    const insert = db.prepare('INSERT INTO changes (read_table, position, key, before) VALUES (?, ?, ?, ?)');
    for (const entry of entries) insert.run(table, ...entry);
  },
  note: (db, table) => note(sqliteTables(db), table),
};

/** The journal as PostgreSQL holds it. */
export const postgresStoredJournal: StoredJournal<SqlReads, SqlTransaction> = {
  tables: (reads) => tables(reads, postgresNames),
  entries,
  end,
  put: (transaction, table, entries) => {
    const text = `INSERT INTO ${transaction.schema}.changes (read_table, position, key, before)
      SELECT $1::text, * FROM unnest($2::bigint[], $3::text[], $4::text[])`;
    for (const values of columnsInParts(entries)) transaction.write(text, [table, ...values]);
  },
  note,
};

type TableRow = readonly [name: string, hash: string, position: Position, journaledAfter: Position | null];

async function tables(sql: TableReads, names: NamesSql): Promise<readonly StoredTable[]> {
  const rows = await sql.read<TableRow>(
    `SELECT name, hash, position, journaled_after FROM ${sql.schema}.read_tables WHERE name IN (${names.tables(sql.schema)}) ORDER BY name`,
  );
  return rows.map(([name, hash, position, journaledAfter]) => ({ name, hash, position, journaledAfter }));
}

function entries(sql: TableReads, table: string, [position, key]: EntryPlace, count: number): Awaitable<readonly StoredEntry[]> {
  const text = `SELECT position, key, before FROM ${sql.schema}.changes WHERE read_table = $1 AND (position, key) > ($2, $3)
    ORDER BY position, key LIMIT $4`;
  return sql.read(text, [table, position, key, count]);
}

async function end(sql: TableReads, table: string): Promise<EntryPlace | undefined> {
  const text = `SELECT position, key FROM ${sql.schema}.changes WHERE read_table = $1 ORDER BY position DESC, key DESC LIMIT 1`;
  return (await sql.read<EntryPlace>(text, [table]))[0];
}

function note(sql: TableWrites, { name, position, journaledAfter }: StoredTable): Awaitable<void> {
  const text = `UPDATE ${sql.schema}.read_tables SET position = $1, journaled_after = $2 WHERE name = $3`;
  return sql.write(text, [position, journaledAfter, name]);
}
