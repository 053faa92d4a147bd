import { limits, type Position } from '#base';
import type { EventCodec } from '#event';
import type { EventStore, WriteTransaction } from '#eventstore';
import type { RowStore } from '#readtable';
import type { Projection } from './projection.ts';
import { projector } from './projector.ts';

/** How far a rebuild is: events folded, of how many. */
export interface RebuildProgress {
  readonly done: Position;
  readonly total: Position;
}

/** What a rebuild works on. */
export interface RebuildParts<Connection> {
  readonly log: EventStore<Connection>;
  readonly codec: EventCodec;
  readonly projections: readonly Projection[];
  /** Writes to the new tables, beside the ones that stand. */
  readonly rows: RowStore<Connection>;
  /** Puts the new tables in the old ones' place; runs in the last transaction. */
  readonly swap: (connection: Connection, position: Position) => void | Promise<void>;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

/**
 * Folds the whole log into new read tables, a page a transaction, then swaps them in with one step (P7). Ended halfway, it
 * leaves the old tables as they were. An event that cannot be read throws `EVENT_UNKNOWN`.
 */
export async function rebuild<Connection>({ log, codec, projections, rows, swap, onProgress }: RebuildParts<Connection>): Promise<void> {
  const work = projector(projections, rows);
  const page = async (transaction: WriteTransaction<Connection>, after: Position): Promise<RebuildProgress> => {
    const total = await transaction.position();
    const events = await transaction.read('all', { after, limit: limits.readEventsMax });
    const step = work.begin(transaction.connection);
    for (const stored of events) {
      await step.project([codec.decode(stored)]);
      step.keep();
    }
    await step.flush();
    const done = events.at(-1)?.position ?? after;
    if (done === total) await swap(transaction.connection, done);
    return { done, total };
  };
  for (let at: RebuildProgress = { done: 0, total: 1 }; at.done < at.total; ) {
    const { done } = at;
    at = await log.transaction((transaction) => page(transaction, done));
    onProgress?.(at);
  }
}
