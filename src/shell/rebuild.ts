import type { EventCodec } from '#event';
import type { SqliteStore } from '#eventstore';
import { type Projection, type RebuildProgress, rebuild } from '#projector';
import { dropUnknown, indexNext, nextRows, prepareNext, swapNext, type Table, tableHash, tableStates } from '#readtable';

/** Told of a rebuild: of which tables, and how far it is. */
export type OnRebuild = (tables: readonly string[], progress: RebuildProgress) => void;

interface Parts {
  readonly log: SqliteStore;
  readonly codec: EventCodec;
  readonly projections: readonly Projection[];
  readonly onRebuild: OnRebuild | undefined;
}

/** Rebuilds the read tables whose definition or projection is not the one they were built by; drops those that nobody defines any more. */
export async function rebuildStale({ log, codec, projections, onRebuild }: Parts): Promise<void> {
  const stale = await log.transaction(({ connection }) => {
    const standing = tableStates(connection);
    dropUnknown(connection, new Set(projections.map(({ table }) => table.name)));
    const changed = projections.filter(({ table, source }) => standing.get(table.name) !== tableHash(table, source));
    for (const { table } of changed) prepareNext(connection, table);
    return changed;
  });
  if (stale.length === 0) return;
  const names = stale.map(({ table }) => table.name);
  await rebuild({
    log,
    codec,
    projections: stale,
    rows: nextRows(),
    finish: stale.map(({ table }) => indexesOf(table)),
    swap: (connection, position) => {
      for (const { table, source } of stale) swapNext(connection, table, tableHash(table, source), position);
    },
    onProgress: (progress) => onRebuild?.(names, progress),
  });
}

const indexesOf = (table: Table) => (connection: Parameters<typeof indexNext>[0]) => indexNext(connection, table);
