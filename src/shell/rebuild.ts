import { setTimeout as pause } from 'node:timers/promises';
import { type Awaitable, limits, VarveError } from '#base';
import type { EventCodec } from '#event';
import { hashesOf, type Projection, type RebuildProgress, rebuild } from '#projector';
import { type Table, tableHash } from '#readtable';
import { patiently } from './patiently.ts';
import type { LogStore, RebuildLock } from './stores.ts';

/** Told of a rebuild: of which tables, and how far it is. */
export type OnRebuild = (tables: readonly string[], progress: RebuildProgress) => void;

/** What a rebuild of read tables needs. */
interface RebuildParts<Connection> {
  readonly store: LogStore<Connection>;
  readonly codec: EventCodec;
  readonly projections: readonly Projection[];
  readonly onRebuild: OnRebuild | undefined;
}

/** The same, with the right to it. */
export interface LockedParts<Connection> extends RebuildParts<Connection> {
  readonly lock: RebuildLock<Connection>;
}

/**
 * Rebuilds the read tables whose definition or projection is not the one they were built by; drops those that nobody defines any more. Throws `OLDER_VERSION`
 * where another program has replaced those of this one, `REBUILD_UNDER_WAY` where another process rebuilds them, and what {@link rebuildTables} throws.
 */
export async function rebuildStale<Connection>(parts: RebuildParts<Connection>): Promise<void> {
  const { store, projections } = parts;
  // A server may start beside a rebuild, unless it has to rebuild something itself.
  const lock = await store.lockRebuild('a start', async () => {
    const { stale, generation } = await standing(store, projections);
    return stale.length > 0 || generation === 'new';
  });
  if (!lock) return;
  try {
    await putInForce({ ...parts, lock });
  } finally {
    await lock.release();
  }
}

/**
 * Has a program's read tables stand, and no others, in one step. Answers which were rebuilt.
 *
 * @param how `isReturn`: also where another program has replaced them; `isBeside`: see {@link rebuildTables}
 */
export async function putInForce<Connection>(
  parts: LockedParts<Connection>,
  { isReturn = false, isBeside = false } = {},
): Promise<readonly Projection[]> {
  const { store, projections } = parts;
  const log = lockedLog(parts);
  const { stale, generation } = await standing(store, projections, isReturn);
  await patiently(() => log.transaction(({ connection }) => store.catalog.dropUnfinished(connection)));
  const enforce = (connection: Connection) => store.catalog.enforce(connection, hashesOf(projections));
  if (stale.length > 0) await rebuildTables({ ...parts, projections: stale }, isBeside, enforce);
  else if (generation !== 'in force')
    await patiently(() =>
      log.transaction(async ({ connection }) => {
        await store.catalog.keepReadersOut(connection);
        await enforce(connection);
      }),
    );
  return stale;
}

/** Which of a program's read tables are to be rebuilt, and whether they are in force. Throws `OLDER_VERSION`, unless that is wanted. */
async function standing<Connection>({ log, catalog }: LogStore<Connection>, projections: readonly Projection[], isReturn = false) {
  return log.reading(async ({ connection }) => {
    const generation = await catalog.generationOf(connection, hashesOf(projections));
    if (generation === 'replaced' && !isReturn) throw olderVersion();
    return { generation, stale: staleOf(projections, await catalog.tableStates(connection)) };
  });
}

const olderVersion = () =>
  new VarveError({
    code: 'OLDER_VERSION',
    message: 'Another version of the program has replaced the read tables of this one, and serves with its own.',
    hint: 'Start that version. To go back to this one, run `varve rebuild --go-back` by it, and then start it; processes of the other one end by that.',
  });

/** The log, whose lock is waited for longer than by a command, and where nothing is done any more once the right to rebuild is gone. */
const lockedLog = <Connection>({
  store: { log },
  lock,
}: LockedParts<Connection>): Pick<LogStore<Connection>['log'], 'position' | 'transaction'> => ({
  position: () => log.position(),
  transaction: (work) =>
    patiently((begun) =>
      log.transaction(async (transaction) => {
        begun();
        await lock.check?.(transaction.connection);
        return work(transaction);
      }),
    ),
});

/** The projections whose table was not built by them. */
export const staleOf = (projections: readonly Projection[], standing: ReadonlyMap<string, string>): readonly Projection[] =>
  projections.filter(({ table, source }) => standing.get(table.name) !== tableHash(table, source));

/**
 * Builds read tables from nothing beside those that stand, which serve meanwhile, and puts them in their places in one step. Throws `REBUILD_STOPPED` and
 * `EVENT_UNKNOWN`, naming the event, `LOG_BUSY` where the old ones are read without an end, and what `onRebuild` throws; then they go on standing, and nothing
 * is left of the new ones.
 *
 * @param isBeside another process writes to the log: little is done at a time, and it gets most of the time
 * @param atSwap what else is done in that step
 */
export async function rebuildTables<Connection>(
  parts: LockedParts<Connection>,
  isBeside = false,
  atSwap: (connection: Connection) => Awaitable<void> = () => {},
): Promise<void> {
  const {
    store: { catalog },
    codec,
    projections,
    onRebuild,
  } = parts;
  const log = lockedLog(parts);
  const tables = projections.map(({ table }) => table);
  await patiently(() =>
    log.transaction(async ({ connection }) => {
      for (const table of tables) {
        await catalog.prepareNext(connection, table);
        // Made at the end they cost less in all, but all at once.
        if (isBeside) await catalog.indexNext(connection, table);
      }
    }),
  );
  try {
    await rebuild({
      log,
      codec,
      projections,
      rows: catalog.nextRows(),
      ...(isBeside ? considerate : { finish: tables.map((table) => () => index(parts, table)) }),
      patience: patiently,
      beforeSwap: (connection) => catalog.keepReadersOut(connection),
      swap: async (connection, position) => {
        for (const { table, source } of projections) await catalog.swapNext(connection, table, tableHash(table, source), position);
        await atSwap(connection);
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

/** Makes the indexes of a table that is filled; where the store can, without the log's lock, which on a large table would be kept for long. */
function index<Connection>(parts: LockedParts<Connection>, table: Table): Promise<void> {
  const { store, lock } = parts;
  const transact = store.beside ?? ((work) => lockedLog(parts).transaction(({ connection }) => work(connection)));
  return patiently(() =>
    transact(async (connection) => {
      await lock.check?.(connection);
      await store.catalog.indexNext(connection, table);
    }),
  );
}

const considerate = {
  rowsBytesMax: limits.rebuildBesideRowsBytesMax,
  pageEventsMax: limits.rebuildBesideEventsMax,
  between: async (tookMs: number): Promise<void> => {
    await pause(tookMs * (100 / limits.rebuildBesidePercentMax - 1));
  },
};
