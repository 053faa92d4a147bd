import { join } from 'node:path';
import { type Application, rowOf } from '#application';
import { limits, throwAlone, VarveError } from '#base';
import { codecOf, type Deciding, type Dispatcher, dispatcher, type LocalDispatcher, type OnCommit } from '#command';
import type { EventCodec } from '#event';
import { fullDisk, isFull, openSqliteStore, type SqliteStore } from '#eventstore';
import { sqliteJournal, sqliteRows } from '#readtable';
import { type OnRebuild, rebuildStale } from './rebuild.ts';
import { withRetention } from './retention.ts';
import { checkEvents } from './startcheck.ts';

/** What may be set of an application's writer. */
export interface WriterOptions {
  /** Told of each commit, in order, before its commands are answered. */
  readonly onCommit: OnCommit;
  /** Told that another process has made read tables anew. */
  readonly onRebuilt: () => void;
  /** Told where `onCommit` threw; left out: it is thrown where nobody catches it. */
  readonly onFault?: ((fault: unknown) => void) | undefined;
  /** Told how far a rebuild of changed read tables is; what it throws breaks it off. */
  readonly onRebuild?: OnRebuild | undefined;
  /** How many positions the journal of row changes reaches back at least; left out: `limits.journalPositionsMax`. */
  readonly journalPositionsMax?: number | undefined;
  /** True where this process reads the log already: a writer takes the place of another. */
  readonly isOpenHere?: boolean;
  /** Told which command is being decided; left out: nobody is. */
  readonly deciding?: Deciding;
  /** How long a command's receipt is kept at least, in days; left out: for ever. */
  readonly receiptsDays?: number | undefined;
}

/** An application's log, and the one way into it. */
export interface Writer {
  readonly log: SqliteStore;
  readonly codec: EventCodec;
  readonly dispatcher: Dispatcher;
}

/** Where the log of a data folder is. */
export const logFile = (folder: string): string => join(folder, 'varve.db');

/**
 * Opens the log of a data folder that is locked for this process: migrates it, holds its events against the application's and rebuilds the read
 * tables that changed. Throws a fault that says what is wrong; then nothing was touched.
 */
export async function openWriter(application: Application, folder: string, options: WriterOptions): Promise<Writer> {
  const { onCommit, onRebuilt, onFault = throwAlone, onRebuild, journalPositionsMax, deciding, receiptsDays } = options;
  const { projections } = application;
  const log = openSqliteStore(logFile(folder), { isOpenHere: options.isOpenHere ?? false });
  try {
    const codec = codecOf(application);
    await checkEvents(log, codec);
    await rebuildStale({ folder, log, codec, projections, onRebuild });
    const parts = { log, rows: sqliteRows(), journal: sqliteJournal({ positionsMax: journalPositionsMax }), projections, codec };
    const told = { onCommit, onRebuilt, onFault, ...(deciding && { deciding }) };
    const own = await lookingOn(dispatcher({ ...parts, rowOf: rowOf(application), ...told }));
    return { log, codec, dispatcher: withRetention(own, log, { receiptsDays, onFault }) };
  } catch (fault) {
    await log.close();
    throw isFull(fault) ? fullDisk(folder, fault) : inFile(logFile(folder), fault);
  }
}

/** Has a dispatcher see in time, from now on, that another process has made read tables anew, also where no command comes. */
async function lookingOn(dispatcher: LocalDispatcher): Promise<Dispatcher> {
  await dispatcher.look();
  // A store that fails now fails the next command too, which is told of it.
  const timer = setInterval(() => void dispatcher.look().catch(() => undefined), limits.rebuiltLookMs).unref();
  return {
    send: (...sent) => dispatcher.send(...sent),
    close: async () => {
      clearInterval(timer);
      await dispatcher.close();
    },
  };
}

/** Who reads an event names its position; who starts wants to know in which file it stands. */
function inFile(file: string, fault: unknown): unknown {
  if (!(fault instanceof VarveError && /^(EVENT_UNKNOWN|STORAGE_CORRUPT)$/.test(fault.code)) || fault.message.includes(file)) return fault;
  const { code, message, hint, retryable, cause } = fault;
  return new VarveError({ code, message: `${file}: ${message}`, hint, retryable, cause });
}
