import type { Database } from 'better-sqlite3';
import type { Application } from '#application';
import type { SqlTransaction } from '#base';
import { codecOf } from '#command';
import {
  fullDisk,
  type Head,
  type ImportTarget,
  isFull,
  LogImport,
  lockDataFolder,
  openPostgresStore,
  openSqliteStore,
  postgresTarget,
  sqliteTarget,
} from '#eventstore';
import { postgresReactions, type StoredReactions, sqliteReactions } from '#reaction';
import { postgresStoredJournal, type StoredJournal, sqliteStoredJournal } from '#readtable';
import type { Interruption } from './interruption.ts';
import { type DatabasePlace, type FolderPlace, logFile, type Place } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { type OnRebuild, rebuildStale } from './rebuild.ts';
import { checkEvents } from './startcheck.ts';
import { databaseStore, folderStore, type LogStore } from './stores.ts';

/** A log that another one is taken into, open to be written. */
export interface Target<Connection> {
  readonly store: LogStore<Connection>;
  readonly log: ImportTarget<Connection>;
  readonly journal: StoredJournal<Connection>;
  readonly reactions: StoredReactions<Connection>;
}

/** What is to be done with a target, whatever kind of store it is on. */
export type TargetWork<T> = <Connection>(target: Target<Connection>) => Promise<T>;

/**
 * Opens a place for a log to be taken in, and closes it when the work is done. A data folder is locked meanwhile. Throws what opening throws.
 *
 * @param holder who works there, for whoever finds the folder locked
 */
export function inTarget<T>(application: Application, place: Place, holder: string, work: TargetWork<T>): Promise<T> {
  return 'folder' in place ? inFolder(place, holder, work) : inDatabase(application, place, work);
}

async function inFolder<T>({ folder }: FolderPlace, holder: string, work: (target: Target<Database>) => Promise<T>): Promise<T> {
  try {
    const lock = lockDataFolder(folder, holder);
    try {
      const log = openSqliteStore(logFile(folder), { unfinished: true });
      try {
        return await work({
          store: folderStore(log, folder),
          log: sqliteTarget(log),
          journal: sqliteStoredJournal,
          reactions: sqliteReactions,
        });
      } finally {
        await log.close();
      }
    } finally {
      lock.release();
    }
  } catch (fault) {
    throw isFull(fault) ? fullDisk(folder, fault) : fault;
  }
}

async function inDatabase<T>(
  { projections }: Application,
  { url, log: name }: DatabasePlace,
  work: (target: Target<SqlTransaction>) => Promise<T>,
): Promise<T> {
  const log = await openPostgresStore(url, { log: name, unfinished: true });
  try {
    return await work({
      store: databaseStore(log, { projections }),
      log: postgresTarget(log),
      journal: postgresStoredJournal,
      reactions: postgresReactions,
    });
  } finally {
    await log.close();
  }
}

/** What a log is taken in with. */
export interface TakingParts<Connection> {
  readonly application: Application;
  readonly target: Target<Connection>;
  /** Its export's lines. */
  readonly lines: AsyncIterable<string>;
  readonly show: ShowProgress;
  readonly interruption: Interruption;
  /** Done when the log and its read tables are there, before anything else may be done with them. */
  readonly atEnd?: (head: Head) => Promise<void>;
}

/**
 * Takes a log in, and builds its read tables from it. Broken off, it goes on when it is done again with the same lines; until it has ended no server
 * starts there. Throws `IMPORT_BROKEN`, `IMPORT_NOT_EMPTY`, `IMPORT_OTHER_LOG`.
 */
export async function takeIn<Connection>(parts: TakingParts<Connection>): Promise<Head> {
  const { application, target, lines, show, interruption, atEnd } = parts;
  const taken = await LogImport.begin(target.log);
  for await (const line of lines) await taken.take(line);
  const head = await taken.complete();
  const codec = codecOf(application);
  await checkEvents(target.store, codec);
  const onRebuild: OnRebuild = (_, { done, total }) => {
    interruption.check();
    show({ title: 'Building read tables', unit: 'events', done, total });
  };
  await rebuildStale({ store: target.store, codec, projections: application.projections, onRebuild });
  await atEnd?.(head);
  await taken.finish();
  return head;
}
