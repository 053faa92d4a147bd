import type { Position } from '#base';
import type { Recorded } from '#event';
import type { AnyRow, Table } from '#readtable';

/** One row's change by one event, as it happened: what live streams are made of. There is at most one an event and row. */
export interface Change {
  readonly table: Table;
  readonly key: string;
  /** The row before; undefined where it did not exist. */
  readonly before: AnyRow | undefined;
  /** The row after; undefined where it was removed. */
  readonly after: AnyRow | undefined;
  /** The event that made the change. */
  readonly cause: Recorded;
}

/** What one transaction made true. */
export interface Commit {
  /** The log's last position with it. */
  readonly position: Position;
  readonly events: readonly Recorded[];
  /** Every change of a row: in the order of events; of one event table by table, and in each by key (`compareKeys`). */
  readonly changes: readonly Change[];
}
