import type { Position } from '#base';
import type { Awaitable } from './port.ts';

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
