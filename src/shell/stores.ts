import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { type Awaitable, limits, type Position, type SqlTransaction, systemTimers, VarveError } from '#base';
import {
  type EventStore,
  lockRebuild,
  openPostgresStore,
  openSqliteStore,
  type PostgresStore,
  type SqliteStore,
  type StoredEvent,
} from '#eventstore';
import { hashesOf, type Projection } from '#projector';
import { postgresNotes, type ReactionNotes, sqliteNotes } from '#reaction';
import {
  type Catalog,
  type Journal,
  type JournalOptions,
  postgresCatalog,
  postgresJournal,
  postgresRows,
  type RowStore,
  sqliteCatalog,
  sqliteJournal,
  sqliteRows,
} from '#readtable';
import { type DatabasePlace, type FolderPlace, logFile } from './place.ts';

/** A log and its read tables, open to be written, on one kind of store. */
export interface LogStore<Connection> {
  readonly log: EventStore<Connection> & { firstOfEachShape(): Awaitable<readonly StoredEvent[]> };
  readonly rows: RowStore<Connection>;
  readonly journal: Journal<Connection>;
  readonly catalog: Catalog<Connection>;
  /** Where it is kept how far reactions have come, and who runs them. */
  readonly notes: ReactionNotes;
  /**
   * Takes the right to rebuild read tables, which one process has at a time. Where another one has it: undefined if nothing is to be rebuilt; else it is waited
   * for, or `REBUILD_UNDER_WAY` is thrown.
   */
  lockRebuild(holder: string, isNeeded: () => Promise<boolean>): Promise<RebuildLock<Connection> | undefined>;
  /** A transaction that nobody waits for: on tables that nobody else knows of. Left out: whoever writes has the whole store. */
  readonly beside?: (work: (connection: Connection) => Awaitable<void>) => Promise<void>;
  /** Calls back when the log is further than it was, whoever has written; answers how to stop. Left out: one process writes. */
  readonly follow?: (onAhead: (position: Position) => void) => () => Promise<void>;
}

/** The right to rebuild a log's read tables. */
export interface RebuildLock<Connection> {
  /** Throws where it was lost. Left out: it cannot be. */
  check?(connection: Connection): Promise<void>;
  release(): Awaitable<void>;
}

/** What may be set of a store that is opened for a writer. */
export interface StoreOptions extends JournalOptions {
  /** The projections that this program writes by: where another one has written, this one may not. */
  readonly projections: readonly Projection[];
  /** True where this process has the log's file open already. */
  readonly isOpenHere?: boolean | undefined;
}

/** Opens the log of a data folder. Throws what `openSqliteStore` throws. */
export async function openFolderStore(
  { folder }: FolderPlace,
  { isOpenHere = false, ...options }: StoreOptions,
): Promise<LogStore<Database>> {
  return folderStore(openSqliteStore(logFile(folder), { isOpenHere }), folder, options);
}

/** The store of a log that is open. */
export const folderStore = (log: SqliteStore, folder: string, options: JournalOptions = {}): LogStore<Database> => ({
  log,
  rows: sqliteRows(),
  journal: sqliteJournal(options),
  catalog: sqliteCatalog,
  notes: sqliteNotes(log, systemTimers),
  lockRebuild: async (holder, isNeeded) => {
    try {
      return lockRebuild(folder, holder);
    } catch (fault) {
      if (fault instanceof VarveError && fault.code === 'REBUILD_UNDER_WAY' && !(await isNeeded())) return undefined;
      throw fault;
    }
  },
});

/** Opens a log in a database. Throws what `openPostgresStore` throws. */
export async function openDatabaseStore(
  { url, log: name, listenUrl }: DatabasePlace,
  options: StoreOptions,
): Promise<LogStore<SqlTransaction>> {
  return databaseStore(await openPostgresStore(url, { log: name, listenUrl }), options);
}

/** The store of a log in a database that is open. */
export function databaseStore(log: PostgresStore, options: StoreOptions): LogStore<SqlTransaction> {
  return {
    log,
    rows: postgresRows({ hashes: hashesOf(options.projections) }),
    journal: postgresJournal(options),
    catalog: postgresCatalog,
    notes: postgresNotes(log.sql),
    beside: (work) => log.beside(work),
    lockRebuild: async (_, isNeeded) => {
      for (;;) {
        const lock = await log.tryLockRebuild();
        if (lock || !(await isNeeded())) return lock;
        await pause(limits.rebuiltLookMs);
      }
    },
    follow: (onAhead) => {
      const following = log.follow(onAhead);
      return () => following.close();
    },
  };
}
