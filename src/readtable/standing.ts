import type { Position } from '#base';
import type { Stored } from './encoding.ts';
import type { Awaitable } from './port.ts';
import type { Table } from './table.ts';

/** A read table as a store has it noted. */
export interface NotedTable {
  /** What it was built by. */
  readonly hash: string;
  /** False where its rows are not there. */
  readonly stands: boolean;
}

/** What says, of a read table or of its changes, that the log has been where it has not been. */
export interface TableAhead {
  readonly table: string;
  readonly position: Position;
  /** In words, before the position. */
  readonly what: string;
}

/** A row's values as they are stored, in the order of the definition's columns. */
export type StoredValues = readonly Stored[];

/** The read tables as they stand in a store, to be looked at. */
export interface StandingTables {
  /** Those that the store says it has, by name. */
  noted(): Awaitable<ReadonlyMap<string, NotedTable>>;
  /** The columns of a table as the store has it, by name; none where it is not there. */
  columns(name: string): Awaitable<ReadonlySet<string>>;
  count(name: string): Awaitable<number>;
  ahead(last: Position): Awaitable<readonly TableAhead[]>;
  /** A table's rows after a key, or from the first on, in the order of their keys. */
  rows(table: Table, after: Stored | undefined, count: number): Awaitable<readonly StoredValues[]>;
}
