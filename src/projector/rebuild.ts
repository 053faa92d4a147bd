import { type Awaitable, assert, limits, type Position, VarveError } from '#base';
import type { EventCodec, Recorded } from '#event';
import type { EventStore, StoredEvent, WriteTransaction } from '#eventstore';
import type { RowStore } from '#readtable';
import { apply } from './apply.ts';
import { BuildingRows } from './building.ts';
import { type Projection, projectionsByType } from './projection.ts';

/** How far a rebuild is: events folded, of how many. */
export interface RebuildProgress {
  readonly done: Position;
  readonly total: Position;
}

/** Does work, and does it again where it failed before it had called `begun`, for reasons that pass. */
export type Patience = <T>(work: (begun: () => void) => Promise<T>) => Promise<T>;

const once: Patience = (work) => work(() => {});

/** What a rebuild works on. */
export interface RebuildParts<Connection> {
  readonly log: Pick<EventStore<Connection>, 'position' | 'transaction'>;
  readonly codec: EventCodec;
  readonly projections: readonly Projection[];
  /** Writes to the new tables, beside the ones that stand. */
  readonly rows: RowStore<Connection>;
  /** Bytes of rows that are held in memory; left out: `limits.rebuildRowsBytesMax`. */
  readonly rowsBytesMax?: number;
  /** Events that are folded in one transaction; left out: `limits.readEventsMax`. */
  readonly pageEventsMax?: number;
  /** Called after each page of what was there at the beginning, which took so long: whoever else writes gets his turn meanwhile. */
  readonly between?: (tookMs: number) => Promise<void>;
  /** What is left to do to the new tables once all rows are in them, one after the other: indexes. */
  readonly finish?: readonly (() => Awaitable<void>)[];
  /** How a page's transaction is begun; left out: it is not begun again. */
  readonly patience?: Patience;
  /** Comes first in the last transaction, before that is begun. */
  readonly beforeSwap?: (connection: Connection) => Awaitable<void>;
  /** Puts the new tables in the old ones' place; runs in the last transaction. */
  readonly swap: (connection: Connection, position: Position) => Awaitable<void>;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

/**
 * Folds the whole log into new read tables, a page a transaction, then swaps them in with one step (P7). Ended halfway, it
 * leaves the old tables as they were. An event that cannot be read throws `EVENT_UNKNOWN`, one that a projection fails on `REBUILD_STOPPED`. Between its
 * transactions others may append: the last one takes in what came while the tables were finished.
 */
export async function rebuild<Connection>(parts: RebuildParts<Connection>): Promise<void> {
  const { log, rows: store, rowsBytesMax = limits.rebuildRowsBytesMax, finish = [], swap, onProgress = () => {} } = parts;
  const { pageEventsMax = limits.readEventsMax, between, beforeSwap = () => {}, patience = once } = parts;
  const rows = new BuildingRows(store, rowsBytesMax);
  const fold = folding(parts, rows);
  const write = (connection: Connection) => rows.in(connection).write();
  let at: RebuildProgress = { done: 0, total: 1 };
  let told: RebuildProgress | undefined;
  const page = async (transaction: WriteTransaction<Connection>, isLast: boolean, begun: () => void): Promise<RebuildProgress> => {
    const total = await transaction.position();
    const events = await transaction.read('all', { after: at.done, limit: pageEventsMax });
    const done = events.at(-1)?.position ?? at.done;
    const isEnd = isLast && done === total;
    if (isEnd) await beforeSwap(transaction.connection);
    begun();
    rows.in(transaction.connection);
    await fold(events);
    if (isEnd) {
      for (const step of [write, write]) await step(transaction.connection);
      await swap(transaction.connection, done);
      hasSwapped = true;
    }
    return { done, total };
  };
  let [isCatchingUp, hasSwapped] = [false, false];
  const foldOn = async (isLast: boolean) => {
    do {
      const begunMs = performance.now();
      at = await patience((begun) => log.transaction((transaction) => page(transaction, isLast, begun)));
      // Of the end is told when the tables stand.
      if (at.done === at.total && !isLast) break;
      onProgress(at);
      told = at;
      // From there on it has to be faster than those who append.
      isCatchingUp ||= at.done >= firstTotal;
      if (!isCatchingUp) await between?.(performance.now() - begunMs);
    } while (at.done < at.total);
  };

  const firstTotal = await log.position();
  await foldOn(false);
  for (const step of [write, write]) await log.transaction(({ connection }) => step(connection));
  for (const step of finish) {
    await step();
    // Nothing new, but a chance to break it off.
    if (told) onProgress(told);
  }
  await foldOn(true);
  assert(hasSwapped, 'The log has events after its last position: nothing was swapped in.');
}

/** Applies events to rows, page by page. What is at hand is not waited for. */
function folding<Connection>({ codec, projections }: RebuildParts<Connection>, rows: BuildingRows<Connection>) {
  const byType = projectionsByType(projections);
  return async (events: readonly StoredEvent[]): Promise<void> => {
    for (const stored of events) {
      const event = codec.decode(stored);
      try {
        for (const { table, changes } of byType.get(event.type) ?? []) {
          for (const change of changes(event)) {
            const applied = apply(rows, table, change, event);
            if (applied) await applied;
          }
        }
      } catch (fault) {
        throw fault instanceof VarveError ? rebuildStopped(event, fault) : fault;
      }
      if (rows.settle()) await rows.write();
    }
  };
}

/** The old tables go on standing. */
export const rebuildStopped = ({ position, type }: Recorded, cause: VarveError) =>
  new VarveError({
    code: 'REBUILD_STOPPED',
    message: `The rebuild was stopped by the event at position ${position}, ${type}: ${cause.message}`,
    hint: `The read tables are as they were. ${cause.hint}`,
    cause,
  });
