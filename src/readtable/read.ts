import type { Awaitable, Position } from '#base';
import type { ChangesRequest, JournalPage } from './journal.ts';
import type { AnyRow, Table } from './table.ts';

/** A condition on one column. `contains` looks for a text anywhere, without regard to ASCII case. */
export type Condition =
  | { readonly column: string; readonly is: 'equal'; readonly value: unknown }
  | { readonly column: string; readonly is: 'in'; readonly value: readonly unknown[] }
  | { readonly column: string; readonly is: 'atLeast' | 'below'; readonly value: unknown }
  | { readonly anyColumn: readonly string[]; readonly is: 'contains'; readonly value: string };

/** Which rows, in which order. The key breaks ties, so the order is total and pages are stable. */
export interface Selection {
  readonly conditions: readonly Condition[];
  /** A column that is never null. */
  readonly orderBy: string;
  readonly descending: boolean;
}

/** One page: the first or the last rows between two cursors. */
export interface PageRequest extends Selection {
  /**
   * Columns to read besides the key and the order's; left out: all. A list among them comes along where it is short (`limits.listBesideBytesMax`), else its row
   * may come without it.
   */
  readonly columns?: readonly string[];
  readonly count: number;
  /** True: the last `count` rows rather than the first. */
  readonly fromEnd: boolean;
  /** Cursors as `cursorOf` made them: opaque text. Malformed: throws `BAD_CURSOR`. */
  readonly after?: string;
  readonly before?: string;
}

/** The rows of a page in the selection's order, and whether there are more on either side. */
export interface Page {
  readonly rows: readonly AnyRow[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/**
 * Reads of one moment: every call sees the same committed state, that of `position`. Rows are found by key or by page. A definition with fewer
 * of a table's columns reads fewer. Must be released, and not before every answer has come.
 */
export interface Snapshot {
  readonly position: number;
  /** The row, if there is one. */
  row(table: Table, key: string): Awaitable<AnyRow | undefined>;
  /** The rows at the keys, in their order. */
  rows(table: Table, keys: readonly string[]): Awaitable<readonly (AnyRow | undefined)[]>;
  page(table: Table, request: PageRequest): Awaitable<Page>;
  count(table: Table, conditions: readonly Condition[]): Awaitable<number>;
  /** Changes of the table's rows, in the order of position and key; undefined where the journal no longer reaches back to `after`, or the table was rebuilt just there or since. */
  changes(table: Table, request: ChangesRequest): Awaitable<JournalPage | undefined>;
  release(): void;
}

/** Hands out snapshots; waits where too many are out. */
export interface Snapshots {
  take(): Promise<Snapshot>;
  /** One for which nobody has to wait; undefined where there is none just now. Where it is left out there never is. */
  takeNow?(): Snapshot | undefined;
  /** One that has come to a position, or where none is given, to all that was made known. Left out: every one has. */
  takeKnown?(position?: Position): Promise<Snapshot>;
  /** One for what answers a command that was just accepted. Left out: any is. */
  takeOwn?(): Promise<Snapshot>;
  close(): void;
}
