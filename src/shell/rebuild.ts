import { setTimeout as pause } from 'node:timers/promises';
import { limits, VarveError } from '#base';
import type { EventCodec } from '#event';
import { type Lock, lockRebuild, type SqliteStore } from '#eventstore';
import { type Projection, type RebuildProgress, rebuild } from '#projector';
import { dropUnfinished, dropUnknown, indexNext, nextRows, prepareNext, swapNext, type Table, tableHash, tableStates } from '#readtable';

/** Told of a rebuild: of which tables, and how far it is. */
export type OnRebuild = (tables: readonly string[], progress: RebuildProgress) => void;

/** What a rebuild of read tables needs. */
export interface RebuildParts {
  readonly log: SqliteStore;
  readonly codec: EventCodec;
  readonly projections: readonly Projection[];
  readonly onRebuild: OnRebuild | undefined;
}

/**
 * Rebuilds the read tables whose definition or projection is not the one they were built by; drops those that nobody defines any more. Throws
 * `REBUILD_UNDER_WAY` where another process rebuilds them, and what {@link rebuildTables} throws.
 */
export async function rebuildStale({ folder, ...parts }: RebuildParts & { readonly folder: string }): Promise<void> {
  const { log, projections } = parts;
  const lock = tryLock(folder);
  try {
    const stale = await log.transaction(({ connection }) => {
      if ('release' in lock) dropUnfinished(connection);
      dropUnknown(connection, new Set(projections.map(({ table }) => table.name)));
      return staleOf(projections, tableStates(connection));
    });
    if (stale.length === 0) return;
    if (!('release' in lock)) throw lock.fault;
    await rebuildTables({ ...parts, projections: stale });
  } finally {
    if ('release' in lock) lock.release();
  }
}

/** The projections whose table was not built by them. */
export const staleOf = (projections: readonly Projection[], standing: ReturnType<typeof tableStates>): readonly Projection[] =>
  projections.filter(({ table, source }) => standing.get(table.name) !== tableHash(table, source));

/** A server may start beside a rebuild, unless it has to rebuild something itself. */
function tryLock(folder: string): Lock | { readonly fault: VarveError } {
  try {
    return lockRebuild(folder, 'a start');
  } catch (fault) {
    if (fault instanceof VarveError && fault.code === 'REBUILD_UNDER_WAY') return { fault };
    throw fault;
  }
}

/**
 * Builds read tables from nothing beside those that stand, which serve meanwhile, and puts them in their places in one step. Throws `REBUILD_STOPPED` and
 * `EVENT_UNKNOWN`, naming the event, and what `onRebuild` throws; then the old tables go on standing, and nothing is left of the new ones.
 *
 * @param isBeside another process writes to the log: little is done at a time, and it gets most of the time
 */
export async function rebuildTables({ log, codec, projections, onRebuild }: RebuildParts, isBeside = false): Promise<void> {
  const tables = projections.map(({ table }) => table);
  await log.transaction(({ connection }) => {
    for (const table of tables) {
      prepareNext(connection, table);
      // Made at the end they cost less in all, but all at once.
      if (isBeside) indexNext(connection, table);
    }
  });
  try {
    await rebuild({
      log,
      codec,
      projections,
      rows: nextRows(),
      ...(isBeside ? considerate : { finish: tables.map((table) => indexesOf(table)) }),
      swap: (connection, position) => {
        for (const { table, source } of projections) swapNext(connection, table, tableHash(table, source), position);
      },
      onProgress: (progress) =>
        onRebuild?.(
          tables.map(({ name }) => name),
          progress,
        ),
    });
  } catch (fault) {
    // Where this fails too, as on a full disk, the next start does it.
    await log.transaction(({ connection }) => dropUnfinished(connection)).catch(() => undefined);
    throw fault;
  }
}

const considerate = {
  rowsBytesMax: limits.rebuildBesideRowsBytesMax,
  pageEventsMax: limits.rebuildBesideEventsMax,
  between: async (tookMs: number): Promise<void> => {
    await pause(tookMs * (100 / limits.rebuildBesidePercentMax - 1));
  },
};

const indexesOf = (table: Table) => (connection: Parameters<typeof indexNext>[0]) => indexNext(connection, table);
