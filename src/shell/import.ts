import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Application } from '#application';
import { textOf, VarveError } from '#base';
import { codecOf } from '#command';
import { fullDisk, type Head, isFull, LogImport, linesOf, lockDataFolder, openSqliteStore, type SqliteStore } from '#eventstore';
import type { Interruption } from './interruption.ts';
import { logFile } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { type OnRebuild, rebuildStale } from './rebuild.ts';
import { checkEvents } from './startcheck.ts';
import { folderStore } from './stores.ts';

/** An exported log's bytes, and how many there are, where that is known. */
export interface Source {
  readonly bytes: Readable;
  /** How many were read, and of how many. */
  readonly progress?: () => readonly [done: number, total: number];
}

/** Opens an exported log to be read. Throws `CANNOT_READ_FILE`. */
export async function openExport(file: string): Promise<Source> {
  try {
    const handle = await open(file);
    const { size } = await handle.stat();
    const bytes = handle.createReadStream();
    return { bytes, progress: () => [bytes.bytesRead, size] };
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

/**
 * Takes an exported log into a data folder that holds none, and builds the read tables from it. Broken off, it goes on when it is run again with the
 * same file; until it has ended no server starts there. Throws `IMPORT_BROKEN`, `IMPORT_NOT_EMPTY`, `IMPORT_OTHER_LOG`, and what opening a data folder throws.
 */
export async function importLog(
  application: Application,
  source: Source,
  folder: string,
  show: ShowProgress,
  interruption: Interruption,
): Promise<Head> {
  try {
    const lock = lockDataFolder(folder, 'varve import');
    try {
      const log = openSqliteStore(logFile(folder), { unfinished: true });
      try {
        return await takeIn({ folder, log, application, source, show, interruption });
      } finally {
        await log.close();
      }
    } finally {
      lock.release();
    }
  } catch (fault) {
    throw isFull(fault) ? fullDisk(folder, fault) : fault;
  } finally {
    source.bytes.destroy();
  }
}

interface Taking {
  readonly folder: string;
  readonly log: SqliteStore;
  readonly application: Application;
  readonly source: Source;
  readonly show: ShowProgress;
  readonly interruption: Interruption;
}

/** Lines between two looks at whether to stop. */
const lookLines = 1_000;

async function takeIn({ folder, log, application, source: { bytes, progress }, show, interruption }: Taking): Promise<Head> {
  const taken = await LogImport.begin(log);
  let lines = 0;
  for await (const line of linesOf(bytes)) {
    await taken.take(line);
    lines += 1;
    if (lines % lookLines !== 0) continue;
    interruption.check();
    if (!progress) continue;
    const [done, total] = progress();
    show({ title: 'Importing', unit: 'bytes', done, total });
  }
  const head = await taken.complete();
  const codec = codecOf(application);
  const store = folderStore(log, folder);
  await checkEvents(store, codec);
  const onRebuild: OnRebuild = (_, { done, total }) => {
    interruption.check();
    show({ title: 'Building read tables', unit: 'events', done, total });
  };
  await rebuildStale({ store, codec, projections: application.projections, onRebuild });
  await taken.finish();
  return head;
}

const cannotRead = (file: string, cause: unknown) =>
  new VarveError({
    code: 'CANNOT_READ_FILE',
    message: `${file} cannot be read: ${textOf(cause)}.`,
    hint: 'Give the path of a file that `varve export` wrote.',
    cause,
  });
