import type { Position } from '#base';
import type { Recorded } from '#event';
import type { Change } from '#projector';
import { type AnyRow, type Condition, keyOf, matches, type Snapshot, type Snapshots, type Table } from '#readtable';
import { assertReached } from './after.ts';
import type { Hub } from './hub.ts';
import { stoppable } from './stream.ts';

/** Which rows a live stream follows: one by its key, or all that fulfil the conditions. */
export interface RowFilter {
  readonly table: Table;
  readonly key?: string;
  readonly conditions: readonly Condition[];
}

/** How a stream of rows begins. */
export interface RowStart {
  /** The last position that the reader has seen; left out: begin with a snapshot. */
  readonly after?: Position;
  /** How many rows a snapshot has at most, where no key is given. */
  readonly snapshotRowsMax: number;
}

/** One message of a stream of rows. */
export interface RowMessage {
  readonly kind: 'SNAPSHOT' | 'CHANGED' | 'REMOVED' | 'RESYNC';
  readonly position: Position;
  /** Empty where the message is about the whole stream. */
  readonly key: string;
  readonly row: AnyRow | undefined;
  readonly cause: Recorded | undefined;
}

/** Where a stream of rows reads. */
export interface RowSources {
  readonly hub: Hub;
  readonly snapshots: Snapshots;
}

/**
 * Rows, live: a snapshot, then every change after it, once, in order. Where the hub's window no longer holds a change
 * that the reader has not seen, RESYNC and a snapshot anew: never a silent gap (P6).
 */
export function liveRows(
  { hub, snapshots }: RowSources,
  filter: RowFilter,
  { after, snapshotRowsMax }: RowStart,
): AsyncGenerator<RowMessage, void, undefined> {
  async function* snapshot(): AsyncGenerator<RowMessage, Position, undefined> {
    const taken = await snapshots.take();
    const { position } = taken;
    const rows = startRows(taken, filter, snapshotRowsMax);
    taken.release();
    for (const [key, row] of rows) yield { kind: 'SNAPSHOT', position, key, row, cause: undefined };
    return position;
  }
  return stoppable(async function* (signal) {
    if (after !== undefined) assertReached(after, hub.position);
    let at = after ?? (yield* snapshot());
    while (!signal.aborted && !hub.closed) {
      const commits = hub.since(at);
      if (!commits) {
        yield { kind: 'RESYNC', position: hub.position, key: '', row: undefined, cause: undefined };
        at = yield* snapshot();
        continue;
      }
      for (const { changes, position } of commits) {
        for (const change of changes) {
          const message = change.cause.position > at ? messageOf(change, filter) : undefined;
          if (message) yield message;
        }
        at = position;
      }
      await hub.past(at, signal);
    }
  });
}

function startRows(
  snapshot: Snapshot,
  { table, key, conditions }: RowFilter,
  count: number,
): readonly (readonly [string, AnyRow | undefined])[] {
  if (key !== undefined) return [[key, snapshot.row(table, key)]];
  if (count === 0) return [];
  const { rows } = snapshot.page(table, { conditions, orderBy: table.key, descending: false, count, fromEnd: false });
  return rows.map((row) => [keyOf(table, row), row]);
}

function messageOf({ table, key, before, after, cause }: Change, filter: RowFilter): RowMessage | undefined {
  if (table !== filter.table || (filter.key !== undefined && filter.key !== key)) return undefined;
  const { position } = cause;
  if (after && matches(filter.conditions, after)) return { kind: 'CHANGED', position, key, row: after, cause };
  return before && matches(filter.conditions, before) ? { kind: 'REMOVED', position, key, row: undefined, cause } : undefined;
}
