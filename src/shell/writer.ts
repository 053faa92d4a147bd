import { type Application, rowOf } from '#application';
import { limits, type Position, throwAlone, VarveError } from '#base';
import { codecOf, type Deciding, type Dispatcher, dispatcher, type LocalDispatcher, type OnCommit } from '#command';
import { fullDisk, isFull } from '#eventstore';
import type { ReactionParts } from '#reaction';
import { logFile, type Place, shownPlace } from './place.ts';
import { type Reached, whyAway } from './reach.ts';
import { type OnRebuild, rebuildStale } from './rebuild.ts';
import { withRetention } from './retention.ts';
import { checkEvents } from './startcheck.ts';
import { type LogStore, openDatabaseStore, openFolderStore, type StoreOptions } from './stores.ts';

/** What may be set of an application's writer. */
export interface WriterOptions {
  /** Told of each commit, in order, before its commands are answered; of those of other processes too. */
  readonly onCommit: OnCommit;
  /** Told that another process has made read tables anew. */
  readonly onRebuilt: () => void;
  /** Told that another version of the program has taken over, at each look: nothing will be accepted any more. */
  readonly onSuperseded: (fault: unknown) => void;
  /** Told whether the log could be looked at, at the first look and whenever that has changed. Left out: nobody is. */
  readonly onLooked?: ((is: Reached) => void) | undefined;
  /** Told up to which position other processes have committed so much that nobody is told of it. */
  readonly onBehind: (position: Position) => void;
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

/** The one way into an application's log from here. */
export interface Writer {
  readonly dispatcher: Dispatcher;
  /** How far the log was when it was opened: what comes after it is told. */
  readonly position: Position;
  /** What reactions in this thread stand on. */
  readonly reacting: Pick<ReactionParts, 'log' | 'notes'>;
  /** Closes the dispatcher, and then the log. */
  close(): Promise<void>;
}

/**
 * Opens an application's log; that of a data folder must be locked for this process. Migrates it, holds its events against the application's and
 * rebuilds the read tables that changed. Throws a fault that says what is wrong; then nothing was touched.
 */
export function openWriter(application: Application, place: Place, options: WriterOptions): Promise<Writer> {
  // Each has a connection of its own kind, which nobody else needs to know.
  return 'folder' in place ? opened(application, place, openFolderStore, options) : opened(application, place, openDatabaseStore, options);
}

async function opened<P extends Place, Connection>(
  application: Application,
  place: P,
  openStore: (place: P, options: StoreOptions) => Promise<LogStore<Connection>>,
  options: WriterOptions,
): Promise<Writer> {
  const { onCommit, onRebuilt, onBehind, onFault = throwAlone, onRebuild, deciding, receiptsDays } = options;
  const { projections } = application;
  const store = await openStore(place, { projections, positionsMax: options.journalPositionsMax, isOpenHere: options.isOpenHere });
  const { log, rows, journal } = store;
  try {
    const codec = codecOf(application);
    await checkEvents(store, codec);
    await rebuildStale({ store, codec, projections, onRebuild });
    const told = { onCommit, onRebuilt, onBehind, onFault, ...(deciding && { deciding }) };
    const own = dispatcher({ log, rows, journal, projections, codec, rowOf: rowOf(application), ...told });
    await own.look();
    const { position } = own;
    const kept = withRetention(lookingOn(own, store, options), log, { receiptsDays, onFault });
    return {
      dispatcher: kept,
      position,
      reacting: { log, notes: store.notes },
      close: async () => {
        await kept.close();
        await log.close();
      },
    };
  } catch (fault) {
    await log.close();
    throw named(place, fault);
  }
}

/** Has a dispatcher see in time, from now on, what other processes have committed and made anew, also where no command comes. */
function lookingOn<Connection>(
  dispatcher: LocalDispatcher,
  { follow }: LogStore<Connection>,
  { onSuperseded, onLooked }: WriterOptions,
): Dispatcher {
  let [isDue, told]: [boolean, Position] = [false, 0];
  let was: Reached | undefined;
  const look = oneAtATime(async () => {
    const upTo = isDue ? undefined : told;
    isDue = false;
    let is: Reached = 'ok';
    try {
      await dispatcher.look(upTo);
    } catch (fault) {
      is = whyAway(fault);
      if (is === 'SUPERSEDED') onSuperseded(fault);
    }
    if (is !== was) onLooked?.(is);
    was = is;
  });
  const timer = setInterval(() => {
    isDue = true;
    look();
  }, limits.rebuiltLookMs).unref();
  const stop = follow?.((position) => {
    told = Math.max(told, position);
    if (position > dispatcher.position) look();
  });
  return {
    send: (...sent) => dispatcher.send(...sent),
    close: async () => {
      clearInterval(timer);
      await stop?.();
      await dispatcher.close();
    },
  };
}

/** Does what is asked for once more where it was asked for meanwhile. */
function oneAtATime(work: () => Promise<void>): () => void {
  let isAsked = false;
  let isBusy = false;
  return async () => {
    isAsked = true;
    if (isBusy) return;
    isBusy = true;
    while (isAsked) {
      isAsked = false;
      await work();
    }
    isBusy = false;
  };
}

function named(place: Place, fault: unknown): unknown {
  if ('folder' in place && isFull(fault)) return fullDisk(place.folder, fault);
  return inPlace('folder' in place ? logFile(place.folder) : shownPlace(place), fault);
}

/** Who reads an event names its position; who starts wants to know in which log it stands. */
function inPlace(place: string, fault: unknown): unknown {
  if (!(fault instanceof VarveError && /^(EVENT_UNKNOWN|STORAGE_CORRUPT)$/.test(fault.code)) || fault.message.includes(place)) return fault;
  const { code, message, hint, retryable, cause } = fault;
  return new VarveError({ code, message: `${place}: ${message}`, hint, retryable, cause });
}
