import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '#base';
import type { EventCodec } from '#event';
import { type Projection, type RebuildProgress, rebuild } from '#projector';
import { tableHash } from '#readtable';
import type { LogStore } from './stores.ts';

/** Told of a rebuild: of which tables, and how far it is. */
export type OnRebuild = (tables: readonly string[], progress: RebuildProgress) => void;

/** What a rebuild of read tables needs. */
export interface RebuildParts<Connection> {
  readonly store: LogStore<Connection>;
  readonly codec: EventCodec;
  readonly projections: readonly Projection[];
  readonly onRebuild: OnRebuild | undefined;
}

/**
 * Rebuilds the read tables whose definition or projection is not the one they were built by; drops those that nobody defines any more. Throws
 * `REBUILD_UNDER_WAY` where another process rebuilds them, and what {@link rebuildTables} throws.
 */
export async function rebuildStale<Connection>(parts: RebuildParts<Connection>): Promise<void> {
  const { store, projections } = parts;
  const { log, catalog } = store;
  const stale = async () => log.reading(async ({ connection }) => staleOf(projections, await catalog.tableStates(connection)));
  const lock = await store.lockRebuild('a start', async () => (await stale()).length > 0);
  // A server may start beside a rebuild, unless it has to rebuild something itself.
  if (!lock) return dropUnknown(parts);
  try {
    await log.transaction(({ connection }) => catalog.dropUnfinished(connection));
    await dropUnknown(parts);
    const projections = await stale();
    if (projections.length > 0) await rebuildTables({ ...parts, projections });
  } finally {
    await lock.release();
  }
}

async function dropUnknown<Connection>({ store: { log, catalog }, projections }: RebuildParts<Connection>): Promise<void> {
  await log.transaction(({ connection }) => catalog.dropUnknown(connection, new Set(projections.map(({ table }) => table.name))));
}

/** The projections whose table was not built by them. */
export const staleOf = (projections: readonly Projection[], standing: ReadonlyMap<string, string>): readonly Projection[] =>
  projections.filter(({ table, source }) => standing.get(table.name) !== tableHash(table, source));

/**
 * Builds read tables from nothing beside those that stand, which serve meanwhile, and puts them in their places in one step. Throws `REBUILD_STOPPED` and
 * `EVENT_UNKNOWN`, naming the event, and what `onRebuild` throws; then the old tables go on standing, and nothing is left of the new ones.
 *
 * @param isBeside another process writes to the log: little is done at a time, and it gets most of the time
 */
export async function rebuildTables<Connection>(
  { store: { log, catalog }, codec, projections, onRebuild }: RebuildParts<Connection>,
  isBeside = false,
): Promise<void> {
  const tables = projections.map(({ table }) => table);
  await log.transaction(async ({ connection }) => {
    for (const table of tables) {
      await catalog.prepareNext(connection, table);
      // Made at the end they cost less in all, but all at once.
      if (isBeside) await catalog.indexNext(connection, table);
    }
  });
  try {
    await rebuild({
      log,
      codec,
      projections,
      rows: catalog.nextRows(),
      ...(isBeside ? considerate : { finish: tables.map((table) => (connection: Connection) => catalog.indexNext(connection, table)) }),
      swap: async (connection, position) => {
        for (const { table, source } of projections) await catalog.swapNext(connection, table, tableHash(table, source), position);
      },
      onProgress: (progress) =>
        onRebuild?.(
          tables.map(({ name }) => name),
          progress,
        ),
    });
  } catch (fault) {
    // Where this fails too, as on a full disk, the next start does it.
    await log.transaction(({ connection }) => catalog.dropUnfinished(connection)).catch(() => undefined);
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
