import type { Application } from '#application';
import { assert, limits, type Position, systemTimers, type Timers, throwAlone } from '#base';
import { DecidingWatch, type Dispatcher, type RemoteDispatcher, type RemoteParts, remoteDispatcher } from '#command';
import type { EventCodec } from '#event';
import type { Place } from './place.ts';
import { type StartOptions, startThread, type Thread, writerBroken } from './thread.ts';

/** What may be set of a writer that is in another thread. */
export interface ApartOptions {
  readonly codec: EventCodec;
  readonly onCommit: RemoteParts['onCommit'];
  readonly onRebuilt?: RemoteParts['onRebuilt'];
  readonly onSuperseded?: RemoteParts['onSuperseded'];
  readonly onBehind?: RemoteParts['onBehind'];
  readonly onFault?: ((fault: unknown) => void) | undefined;
  /** How long a command's domain code may stand still; 0: for ever. Left out: `limits.commandTimeMaxMs`. */
  readonly commandTimeMaxMs?: number | undefined;
  /** Told where the thread broke. Left out: it is thrown where nobody catches it. */
  readonly onBroken?: ((fault: unknown) => void) | undefined;
  /** What it is looked at by; left out: the machine's own timers. */
  readonly timers?: Timers;
}

/** A writer in a thread of its own. */
export interface WriterThread extends Dispatcher {
  /** The log's last position when it started. */
  readonly position: Position;
}

/**
 * Starts an application's writer in a thread of its own: log, deciders and projections run there, so that no request waits for a disk. A command
 * whose domain code stands still is given up: the thread is ended and another one started, to which all others that wait are sent anew. Throws what
 * {@link startThread} throws.
 */
export async function startWriterThread(
  application: Application,
  place: Place,
  options: ApartOptions & StartOptions,
): Promise<WriterThread> {
  let isOpenHere = false;
  const start = async () => {
    const thread = await startThread(application, place, { ...options, isOpenHere });
    isOpenHere = true;
    return thread;
  };
  return startApart(start, application, options);
}

/** The same, however a thread is started. */
export async function startApart(
  start: () => Promise<Thread>,
  application: Pick<Application, 'projections'>,
  options: ApartOptions,
): Promise<WriterThread> {
  return new Apart(await start(), start, application, options);
}

/** How often a command is looked at before it counts as standing still. */
const looksMax = 4;

class Apart implements WriterThread {
  readonly position: Position;
  readonly #start: () => Promise<Thread>;
  readonly #options: ApartOptions;
  readonly #dispatcher: RemoteDispatcher;
  readonly #timeMaxMs: number;
  readonly #timers: Timers;
  #thread: Thread;
  #watch: DecidingWatch;
  #stopLooking = (): void => {};
  /** The log's last position, as far as it was told here. */
  #told: Position;

  constructor(thread: Thread, start: () => Promise<Thread>, { projections }: Pick<Application, 'projections'>, options: ApartOptions) {
    const { codec, onCommit, onRebuilt = () => {}, onBehind = () => {}, onFault = throwAlone, timers = systemTimers } = options;
    const { commandTimeMaxMs = limits.commandTimeMaxMs } = options;
    this.position = thread.position;
    this.#told = thread.position;
    this.#start = start;
    this.#options = options;
    this.#timeMaxMs = commandTimeMaxMs;
    this.#timers = timers;
    this.#dispatcher = remoteDispatcher({
      port: thread.port,
      projections,
      codec,
      onCommit: (position, read) => {
        this.#told = position;
        onCommit(position, read);
      },
      onRebuilt,
      onSuperseded: options.onSuperseded,
      onBehind: (position) => {
        this.#told = position;
        onBehind(position);
      },
      onFault,
    });
    this.#thread = thread;
    this.#watch = this.#attend(thread);
  }

  send(...sent: Parameters<Dispatcher['send']>): ReturnType<Dispatcher['send']> {
    return this.#dispatcher.send(...sent);
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
    this.#stopLooking();
    await this.#thread.ended;
  }

  /** From here on the thread is the one that decides. */
  #attend(thread: Thread): DecidingWatch {
    this.#thread = thread;
    this.#watch = new DecidingWatch(thread.memory, looksMax);
    if (this.#timeMaxMs > 0) this.#stopLooking = this.#timers.every(this.#timeMaxMs / looksMax, () => this.#look());
    const broke = (cause: unknown) => this.#broke(thread, cause);
    thread.worker.once('error', broke);
    void thread.ended.then(() => broke(new Error('it ended by itself')));
    return this.#watch;
  }

  #look(): void {
    const command = this.#watch.look();
    if (command === undefined) return;
    this.#stopLooking();
    this.#replace(command).catch((fault: unknown) => this.#broke(this.#thread, fault));
  }

  async #replace(command: number): Promise<void> {
    const old = this.#thread;
    // Another object: how the old one ends is no news.
    this.#thread = { ...old };
    await old.worker.terminate();
    await old.ended;
    this.#dispatcher.giveUp(command, this.#timeMaxMs);
    const thread = await this.#start();
    if (thread.position < this.#told) {
      await thread.worker.terminate();
      assert(false, `Its log stands at ${thread.position}, but ${this.#told} was the last position that was told of.`);
    }
    this.#attend(thread);
    // Other processes went on meanwhile.
    if (thread.position > this.#told) this.#options.onBehind?.(thread.position);
    this.#told = thread.position;
    // Of what was rebuilt between the last look of the old one and the first of this one nobody has heard.
    this.#options.onRebuilt?.();
    this.#dispatcher.goOn(thread.port);
  }

  #broke(thread: Thread, cause: unknown): void {
    if (this.#thread !== thread || this.#dispatcher.isOver) return;
    this.#stopLooking();
    const fault = writerBroken(cause);
    this.#dispatcher.lose(fault);
    (this.#options.onBroken ?? throwAlone)(fault);
  }
}
