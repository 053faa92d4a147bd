import type { Awaitable, Position } from '#base';
import type { RowStore } from './port.ts';
import type { Table } from './table.ts';

/** Whether read tables are those of the program that took over last, of an earlier one that was replaced, or of none before. */
export type Generation = 'in force' | 'replaced' | 'new';

/**
 * The read tables that a store has, and what a rebuild does to them. Everything happens in the caller's transaction: `Connection` is its handle. A rebuild
 * fills a table beside the one that stands, and puts it in its place.
 */
export interface Catalog<Connection> {
  /** The read tables that stand, and the hash of what each was built by. One whose rows are not there counts as not standing. */
  tableStates(connection: Connection): Awaitable<ReadonlyMap<string, string>>;
  /**
   * Makes the empty table that a rebuild fills; what an unfinished rebuild left is dropped. Its indexes come when its rows are there. Throws
   * `TABLE_NAME_TAKEN` where the name is that of a table of the log.
   */
  prepareNext(connection: Connection, table: Table): Awaitable<void>;
  /** Makes those indexes of the table that a rebuild fills that are not there yet: of rows that are there, an index costs a fraction. */
  indexNext(connection: Connection, table: Table): Awaitable<void>;
  /** The rows of the tables that a rebuild fills. A projection that looks for rows by their values gets the index for it as soon as it asks. */
  nextRows(): RowStore<Connection>;
  /**
   * Keeps readers from the read tables for the rest of the transaction; before anything is done in it, for it throws `LOG_BUSY` where some do not end in time.
   * Left out: readers are in nobody's way.
   */
  keepReadersOut?(connection: Connection): Awaitable<void>;
  /**
   * Puts the rebuilt table, with all its indexes, in the old one's place and notes what it was built by, so that readers see the one or the other. Its
   * journal begins anew, for rows may have become others without any event. Throws `TABLE_NAME_TAKEN` where the name is that of a table of the log.
   *
   * @param position how far the log was folded
   */
  swapNext(connection: Connection, table: Table, hash: string, position: Position): Awaitable<void>;
  /** Rows of the table have become others without any event, at this position: whoever remembers or follows them begins anew. */
  noteRebuilt(connection: Connection, table: Table, position: Position): Awaitable<void>;
  /** Drops what unfinished rebuilds left; while nothing is being rebuilt. */
  dropUnfinished(connection: Connection): Awaitable<void>;
  /** From here on these are the read tables, by name the hash of what each is built by: those that no definition knows are dropped. */
  enforce(connection: Connection, hashes: ReadonlyMap<string, string>): Awaitable<void>;
  /** Which generation these are of. Left out: the store has one program at a time, and whichever that is is right. */
  generationOf?(connection: Connection, hashes: ReadonlyMap<string, string>): Awaitable<Generation>;
  /**
   * Every row of a read table in the order of its keys, as JSON of its stored values: the same strings, the same bytes (P3), in every store.
   *
   * @param name the table's name in SQL, where it is not the definition's own
   */
  allRows(connection: Connection, table: Table, name?: string): Awaitable<readonly string[]>;
}
