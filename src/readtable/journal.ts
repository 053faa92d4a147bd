import type { Position } from '#base';
import type { Awaitable } from './port.ts';
import type { AnyRow, Table } from './table.ts';

/**
 * The journal of row changes: what live streams resume from. It is an undo journal: it keeps the row as it stood before each change.
 * What the change made of it is the `before` of the row's next entry or, where there is none, the row as it stands: read in one
 * snapshot. So no row is kept twice, and a new row costs an entry of a few bytes.
 *
 * There is at most one change a position, table and key. The order is by position, then by key (`compareKeys`).
 */
export interface Journal<Connection = unknown> {
  /**
   * Keeps the changes of one transaction, in that transaction, and forgets what is older than its retention, a bounded step at a time.
   *
   * @param position the log's last position with them
   * @param entries ordered by position
   */
  append(connection: Connection, position: Position, entries: readonly JournalEntry[]): Awaitable<void>;
  /**
   * The changes of all these tables after a position, ordered by position, table (as they are given here) and key: what others committed. Left out:
   * nobody else writes. The connection sees one moment, or holds the log's lock. undefined where the journal of one of them no longer reaches back so far;
   * of one that was made anew since, its changes after that: `RowStore.rebuilt` tells of it.
   *
   * @param upTo only of positions up to this one; left out: of all. What a row became by its last change is how it stands, which may be later
   */
  since?(connection: Connection, after: Position, tables: readonly Table[], upTo?: Position): Promise<readonly TableChange[] | undefined>;
}

/** What may be set of a journal. */
export interface JournalOptions {
  /** How many positions it reaches back at least; left out: `limits.journalPositionsMax`. */
  readonly positionsMax?: number | undefined;
}

/** One change on its way into the journal. */
export interface JournalEntry {
  readonly table: Table;
  readonly key: string;
  /** That of the event that made it. */
  readonly position: Position;
  /** The row before; undefined where it did not exist. */
  readonly before: AnyRow | undefined;
}

/**
 * How far a reader has come: it has seen all changes up to `position`; with `key`, of that position only those of keys up to and
 * including this one, in the order of `compareKeys`.
 */
export interface Reached {
  readonly position: Position;
  readonly key?: string;
}

/** Which changes of a table to read. */
export interface ChangesRequest {
  readonly after: Reached;
  /** Only this row's. */
  readonly key?: string;
  /** At most so many. */
  readonly count: number;
}

/** A change as it is read back. Never are `before` and `after` both undefined in a change that a projection made. */
export interface JournaledChange {
  readonly position: Position;
  readonly key: string;
  /** The row before; undefined where it did not exist. */
  readonly before: AnyRow | undefined;
  /** The row after; undefined where it was removed. */
  readonly after: AnyRow | undefined;
}

/** The same, of whichever table. */
export interface TableChange extends JournaledChange {
  readonly table: Table;
}

/** Some changes in order, and whether there are more after them. */
export interface JournalPage {
  readonly changes: readonly JournaledChange[];
  readonly hasMore: boolean;
}
