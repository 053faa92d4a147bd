import type { Database } from 'better-sqlite3';
import type { SqlTransaction } from '#base';
import type { Awaitable, RowStore } from './port.ts';
import * as postgres from './postgres/catalog.ts';
import * as sqlite from './sqlite/catalog.ts';
import type { Table } from './table.ts';

/** The read tables that stand in a store, and those that are made anew beside them. Each is done in the caller's transaction. */
export interface Catalog<Connection> {
  /** The tables that stand, and the hash of what each was built by. One whose rows are not there counts as not standing. */
  tableStates(connection: Connection): Awaitable<ReadonlyMap<string, string>>;
  /** Makes the empty table that a rebuild fills; what an unfinished one left is dropped. Throws `TABLE_NAME_TAKEN`. */
  prepareNext(connection: Connection, table: Table): Awaitable<void>;
  /** Makes those of its indexes that are not there yet: of rows that are there, an index costs a fraction. */
  indexNext(connection: Connection, table: Table): Awaitable<void>;
  /** The rows of the tables that a rebuild fills. */
  nextRows(): RowStore<Connection>;
  /** Puts the table that was filled, with all its indexes, in the old one's place, and notes what it was built by, at which position. Its journal begins anew. */
  swapNext(connection: Connection, table: Table, hash: string, position: number): Awaitable<void>;
  /** Rows of the table have become others without any event: whoever remembers or follows them begins anew. */
  noteRebuilt(connection: Connection, table: Table, position: number): Awaitable<void>;
  /** Drops what unfinished rebuilds left; while nothing is being rebuilt. */
  dropUnfinished(connection: Connection): Awaitable<void>;
  /** Drops the read tables that no definition knows any more. */
  dropUnknown(connection: Connection, known: ReadonlySet<string>): Awaitable<void>;
}

/** … of PostgreSQL. */
export const postgresCatalog: Catalog<SqlTransaction> = postgres;

/** … of SQLite. */
export const sqliteCatalog: Catalog<Database> = sqlite;
