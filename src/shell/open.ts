import type { Application } from '#application';
import type { Position } from '#base';
import { codecOf, type Dispatcher } from '#command';
import type { EventCodec } from '#event';
import { lockDataFolder, openSqliteReader, type SqliteReader, type SqliteStore } from '#eventstore';
import { Hub } from '#livestream';
import { openSqliteSnapshots, type Snapshots } from '#readtable';
import { startWriterThread } from './apart.ts';
import { type Reacting, startReacting } from './reacting.ts';
import type { OnRebuild } from './rebuild.ts';
import { logFile, openWriter } from './writer.ts';

/** An application on its data folder: everything that the API stands on. */
export interface Engine extends Dispatcher {
  /** The log, to be read. */
  readonly log: SqliteReader;
  readonly codec: EventCodec;
  readonly hub: Hub;
  readonly snapshots: Snapshots;
  /** The log's last position that was made known. */
  position(): Position;
  /** How the application's reactions stand; they run while it is open. */
  readonly reactions: Reacting['states'];
}

/** What may be set at opening. */
export interface OpenOptions {
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
  /** Told where the writer's thread broke: nothing is decided any more. Left out: it is thrown where nobody catches it. */
  readonly onBroken?: (fault: unknown) => void;
}

/**
 * Opens a data folder: creates it where it is not there, takes its lock, migrates the log, holds its events against the application's
 * and rebuilds the read tables that changed. Throws a fault that says what is wrong; then nothing was touched.
 */
export async function open(application: Application, folder: string, options: OpenOptions = {}): Promise<Engine> {
  const lock = lockDataFolder(folder, application.name);
  try {
    const opening = (options.writer === 'thread' ? openApart : openHere)(application, folder, options);
    const { log, codec, hub, writer, store } = await opening;
    const giveUp = async (fault: unknown) => {
      await writer.close();
      await log.close();
      throw fault;
    };
    const snapshots = await openSqliteSnapshots(() => log.openReader(), { known: () => hub.position }).catch(giveUp);
    // Before the first command: a reaction that is new begins where the log ends now.
    const reactingParts = { hub, codec, store, onFault: options.onReactionFault };
    const reacting = await startReacting(application, folder, reactingParts).catch((fault: unknown) => {
      snapshots.close();
      return giveUp(fault);
    });
    return {
      log,
      codec,
      hub,
      snapshots,
      position: () => hub.position,
      reactions: reacting.states,
      send: (...sent) => writer.send(...sent),
      close: async () => {
        // At once, so that nothing more is taken; whoever of the two is later leaves nothing in the write-ahead log.
        await Promise.all([writer.close(), reacting.close()]);
        hub.close();
        snapshots.close();
        await log.close();
        lock.release();
      },
    };
  } catch (fault) {
    lock.release();
    throw fault;
  }
}

type Opened = Pick<Engine, 'log' | 'codec' | 'hub'> & { readonly writer: Dispatcher; readonly store?: SqliteStore };

async function openHere(application: Application, folder: string, options: OpenOptions): Promise<Opened> {
  let hub: Hub | undefined;
  const { log, codec, dispatcher } = await openWriter(application, folder, {
    ...options,
    onCommit: (commit) => hub?.publish(commit),
    onRebuilt: () => hub?.rebuilt(),
  });
  hub = new Hub(log.position());
  return { log, codec, hub, writer: dispatcher, store: log };
}

async function openApart(application: Application, folder: string, options: OpenOptions): Promise<Opened> {
  const codec = codecOf(application);
  let hub: Hub | undefined;
  const writer = await startWriterThread(application, folder, {
    ...options,
    codec,
    onCommit: (position, read) => hub?.publishOf(position, read),
    onRebuilt: () => hub?.rebuilt(),
  });
  try {
    const log = openSqliteReader(logFile(folder));
    // A reader may see a commit a moment before it is made known here.
    hub = new Hub(writer.position, () => log.position());
    return { log, codec, hub, writer };
  } catch (fault) {
    await writer.close();
    throw fault;
  }
}
