import { join } from 'node:path';
import type { Position } from '#base';
import { codecOf, type Dispatcher, dispatcher } from '#command';
import type { EventCodec } from '#event';
import { lockDataFolder, openSqliteStore, type SqliteStore } from '#eventstore';
import { Hub } from '#livestream';
import { type Snapshots, sqliteJournal, sqliteRows, sqliteSnapshots } from '#readtable';
import type { Application } from '#schema';
import { checkEvents } from './check.ts';
import { type OnRebuild, rebuildStale } from './rebuild.ts';

/** An application on its data folder: everything that the API stands on. */
export interface Engine extends Dispatcher {
  readonly log: SqliteStore;
  readonly codec: EventCodec;
  readonly hub: Hub;
  readonly snapshots: Snapshots;
  /** The log's last position. */
  position(): Position;
}

/** What may be set at opening. */
export interface OpenOptions {
  /** Told how far a rebuild of changed read tables is. */
  readonly onRebuild?: OnRebuild;
  /** How many positions the journal of row changes reaches back at least; left out: `limits.journalPositionsMax`. */
  readonly journalPositionsMax?: number;
  /** Told where live streams could not be told of a commit; left out: it is thrown where nobody catches it. */
  readonly onFault?: (fault: unknown) => void;
}

/**
 * Opens a data folder: creates it where it is not there, takes its lock, migrates the log, holds its events against the application's
 * and rebuilds the read tables that changed. Throws a fault that says what is wrong; then nothing was touched.
 */
export async function open(application: Application, folder: string, options: OpenOptions = {}): Promise<Engine> {
  const lock = lockDataFolder(folder, application.name);
  let log: SqliteStore | undefined;
  try {
    log = openSqliteStore(join(folder, 'varve.db'));
    return await assemble(application, log, () => lock.release(), options);
  } catch (fault) {
    await log?.close();
    lock.release();
    throw fault;
  }
}

async function assemble(
  application: Application,
  log: SqliteStore,
  release: () => void,
  { onRebuild, journalPositionsMax, onFault }: OpenOptions,
): Promise<Engine> {
  const codec = codecOf(application);
  await checkEvents(log, codec);
  await rebuildStale({ log, codec, projections: application.projections, onRebuild });
  const hub = new Hub(await log.position());
  const snapshots = sqliteSnapshots(() => log.openReader());
  const writer = dispatcher({
    log,
    rows: sqliteRows(),
    journal: sqliteJournal({ positionsMax: journalPositionsMax }),
    projections: application.projections,
    codec,
    onCommit: (commit) => hub.publish(commit),
    ...(onFault && { onFault }),
  });
  return {
    log,
    codec,
    hub,
    snapshots,
    position: () => hub.position,
    send: (...sent) => writer.send(...sent),
    close: async () => {
      await writer.close();
      hub.close();
      snapshots.close();
      await log.close();
      release();
    },
  };
}
