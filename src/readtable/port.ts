import type { Awaitable } from '#base';
import type { AnyRow, Table } from './table.ts';

export type { Awaitable };

/** A row as it is to stand after a write; undefined removes it. */
export type RowWrites = ReadonlyMap<string, AnyRow | undefined>;

/** Columns and the values that they must have, all of them. */
export type Equals = Readonly<Record<string, unknown>>;

/**
 * Where the rows of read tables are kept and changed, inside a transaction of the event store:
 * `Connection` is that transaction's own handle.
 */
export interface RowStore<Connection = unknown> {
  get(connection: Connection, table: Table, key: string): Awaitable<AnyRow | undefined>;
  /** The rows with these values, in the order of their keys (by code unit), so that every run does the same. */
  where(connection: Connection, table: Table, equals: Equals): Awaitable<readonly AnyRow[]>;
  write(connection: Connection, table: Table, rows: RowWrites): Awaitable<void>;
  /**
   * Names of tables whose rows somebody else has made anew since this was asked last; the first time, none. Left out: nobody else writes. Throws
   * `SUPERSEDED` where the read tables that stand are not this program's.
   */
  rebuilt?(connection: Connection): Awaitable<readonly string[]>;
  /** Told which rows are going to be asked for: a store that is far away reads them all at once, and answers `get` from there. Left out: nothing is far. */
  expect?(connection: Connection, keys: ReadonlyMap<Table, ReadonlySet<string>>): Promise<void>;
}
