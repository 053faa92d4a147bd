import type { Application } from '#application';
import { type Position, throwAlone } from '#base';
import { codecOf, type Dispatcher } from '#command';
import type { EventCodec } from '#event';
import { lockDataFolder } from '#eventstore';
import { Hub } from '#livestream';
import type { Snapshots } from '#readtable';
import { startWriterThread } from './apart.ts';
import { type Place, type PlaceOptions, placeOf } from './place.ts';
import type { Reached } from './reach.ts';
import { type Reacting, startReacting } from './reacting.ts';
import { type EngineLog, openReading } from './reading.ts';
import type { OnRebuild } from './rebuild.ts';
import { openWriter, type Writer, type WriterOptions } from './writer.ts';

/** An application on its log: everything that the API stands on. */
export interface Engine extends Dispatcher {
  readonly log: EngineLog;
  readonly codec: EventCodec;
  readonly hub: Hub;
  readonly snapshots: Snapshots;
  /** The log's last position that was made known. */
  position(): Position;
  /** How the application's reactions stand; they run while it is open. */
  readonly reactions: Reacting['states'];
}

/** What may be set at opening. */
export interface OpenOptions extends PlaceOptions {
  /** Told how far a rebuild of changed read tables is; what it throws breaks it off. */
  readonly onRebuild?: OnRebuild;
  /** How many positions the journal of row changes reaches back at least; left out: `limits.journalPositionsMax`. */
  readonly journalPositionsMax?: number;
  /** Told where live streams could not be told of a commit; left out: it is thrown where nobody catches it. */
  readonly onFault?: (fault: unknown) => void;
  /**
   * Where commands are decided and written: in this thread, or in one of their own, so that a sync never keeps this one waiting; that needs
   * the application's `module`. Reactions run in this thread too, or in another one of their own. Left out: `here`.
   */
  readonly writer?: 'here' | 'thread';
  /** How long a command's domain code may stand still in the writer's thread; 0: for ever. Left out: `limits.commandTimeMaxMs`. */
  readonly commandTimeMaxMs?: number;
  /**
   * How long a command's receipt is kept at least, in days. A `commandId` that is sent again after that is a new command: it takes effect again. Left out:
   * for ever.
   */
  readonly receiptsDays?: number | undefined;
  /** Told each time that a reaction has not gone well; left out: only `reactions` of the engine says so. */
  readonly onReactionFault?: (fault: unknown) => void;
  /**
   * Told once that another version of the program has taken over: no command is accepted here any more, live streams are told of nothing, and of read tables
   * only those are read that are the same there. Left out: it is thrown where nobody catches it.
   */
  readonly onSuperseded?: (fault: unknown) => void;
  /** Told where the writer's thread broke: nothing is decided any more. Left out: it is thrown where nobody catches it. */
  readonly onBroken?: (fault: unknown) => void;
}

/**
 * Opens a log: creates it where it is not there, migrates it, holds its events against the application's and rebuilds the read tables that changed; the lock of
 * a data folder is taken. Throws a fault that says what is wrong; then nothing was touched.
 *
 * @param where a data folder, or the URL of a PostgreSQL database
 */
export async function open(application: Application, where: string, options: OpenOptions = {}): Promise<Engine> {
  return openPlace(application, placeOf(where, options), options);
}

/** The same, of a place. */
export async function openPlace(application: Application, place: Place, options: OpenOptions): Promise<Engine> {
  const lock = 'folder' in place ? lockDataFolder(place.folder, application.name) : undefined;
  try {
    const codec = codecOf(application);
    let looked: Reached = 'ok';
    const told: Told = {
      ...options,
      onLooked: (is) => {
        looked = is;
      },
    };
    const { hub, writer, here } = await (options.writer === 'thread' ? openApart : openHere)(application, place, codec, told);
    const reading = openReading(place, hub, application.projections, () => looked);
    const giveUp = async (fault: unknown) => {
      await writer.close();
      await here?.close();
      await reading.close();
      throw fault;
    };
    const snapshots = await reading.openSnapshots().catch(giveUp);
    // Before the first command: a reaction that is new begins where the log ends now.
    const reactingParts = { hub, codec, here: here?.reacting, onFault: options.onReactionFault };
    const reacting = await startReacting(application, place, reactingParts).catch((fault: unknown) => {
      snapshots.close();
      return giveUp(fault);
    });
    return {
      log: reading.log,
      codec,
      hub,
      snapshots,
      position: () => hub.position,
      reactions: reacting.states,
      send: (...sent) => writer.send(...sent),
      close: async () => {
        // At once, so that nothing more is taken; whoever of the two is later leaves nothing in the write-ahead log.
        await Promise.all([writer.close(), reacting.close()]);
        await here?.close();
        hub.close();
        snapshots.close();
        await reading.close();
        lock?.release();
      },
    };
  } catch (fault) {
    lock?.release();
    throw fault;
  }
}

/** A writer, and who is told of what it commits: made in the very turn in which the writer is there, so that nothing is told before. */
interface Opened {
  readonly hub: Hub;
  readonly writer: Dispatcher;
  /** The log that the writer has open in this thread. */
  readonly here?: Pick<Writer, 'close' | 'reacting'>;
}

type Told = OpenOptions & Pick<WriterOptions, 'onLooked'>;

async function openHere(application: Application, place: Place, _: EventCodec, options: Told): Promise<Opened> {
  let hub: Hub | undefined;
  const writer = await openWriter(application, place, {
    ...options,
    onCommit: (commit) => hub?.publish(commit),
    onRebuilt: () => hub?.rebuilt(),
    onSuperseded: once(options.onSuperseded ?? throwAlone),
    onBehind: (position) => hub?.behind(position),
  });
  hub = new Hub(writer.position);
  return { hub, writer: writer.dispatcher, here: writer };
}

async function openApart(application: Application, place: Place, codec: EventCodec, options: Told): Promise<Opened> {
  let hub: Hub | undefined;
  const writer = await startWriterThread(application, place, {
    ...options,
    codec,
    onCommit: (position, read) => hub?.publishOf(position, read),
    onRebuilt: () => hub?.rebuilt(),
    onSuperseded: once(options.onSuperseded ?? throwAlone),
    onBehind: (position) => hub?.behind(position),
  });
  hub = new Hub(writer.position);
  return { hub, writer };
}

/** Calls it the first time only. */
function once<T>(call: (told: T) => void): (told: T) => void {
  let isCalled = false;
  return (told) => {
    if (!isCalled) call(told);
    isCalled = true;
  };
}
