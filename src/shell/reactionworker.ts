import { Worker } from 'node:worker_threads';
import type { Application } from '#application';
import { assert, limits, type Timers, textOf, VarveError } from '#base';
import { type packFault, unpackFault } from '#command';
import { pauseAfter, type ReactionListener, type ReactionState, type Reactor } from '#reaction';
import type { Place } from './place.ts';

/** What the thread's program is started with. */
export interface ReactionThreadData {
  /** The module that exports the application, and the application's name. */
  readonly module: string;
  readonly name: string;
  readonly place: Place;
}

type Packed = ReturnType<typeof packFault>;

/** What the thread says: that it has started, or why it has not; then how reactions stand, and what has not gone well. */
export type ReactionSaid =
  | 'ready'
  | { readonly broken: Packed }
  | { readonly state: ReactionState }
  | { readonly fault: Packed; readonly reaction: string };

/** Who is told how reactions stand, and of their thread. */
export interface ThreadListener extends ReactionListener {
  /** Told each time that the thread has broken: no reaction runs until it has started again. */
  readonly onBroken: (fault: unknown) => void;
}

/** Starts an application's reactions in a thread of their own. Throws what keeps it from starting. */
export async function startReactionThread(
  { module, name }: Application,
  place: Place,
  listener: ThreadListener,
  timers: Timers,
): Promise<Reactor> {
  assert(
    module !== undefined,
    `The application ${name} does not say which module exports it.`,
    'Declare it with `module: import.meta.url`.',
  );
  const thread = new ReactionThread({ module, name, place }, listener, timers);
  await thread.start();
  return thread;
}

/** A thread that is started again where it breaks: what is not caught in an answer ends it, but neither the server nor what it has to tell. */
class ReactionThread implements Reactor {
  readonly #data: ReactionThreadData;
  readonly #listener: ThreadListener;
  readonly #timers: Timers;
  #worker: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #breaks = 0;
  #isClosing = false;
  #callOff = (): void => {};

  constructor(data: ReactionThreadData, listener: ThreadListener, timers: Timers) {
    this.#data = data;
    this.#listener = listener;
    this.#timers = timers;
  }

  wake(): void {
    this.#worker?.postMessage('wake');
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#callOff();
    const worker = this.#worker;
    worker?.postMessage('close');
    // An answer that never lets go of its thread does not hear of it.
    const callOff = this.#timers.after(2 * limits.reactionStopWaitMs, () => void worker?.terminate());
    await this.#ended;
    callOff();
  }

  async start(): Promise<void> {
    const worker = newWorker(this.#data);
    const ready = Promise.withResolvers<void>();
    let cause: unknown = new Error('it ended by itself');
    worker.on('message', (said: ReactionSaid) => {
      if (said === 'ready') ready.resolve();
      else if ('broken' in said) ready.reject(unpackFault(said.broken));
      else if ('state' in said) this.#listener.onState(said.state);
      else this.#listener.onFault(unpackFault(said.fault), said.reaction);
    });
    worker.once('error', (fault) => {
      cause = fault;
    });
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    void this.#ended.then(() => ready.reject(reactionsBroken(cause)));
    this.#worker = worker;
    await ready.promise;
    void this.#ended.then(() => this.#startAgain(reactionsBroken(cause)));
  }

  #startAgain(fault: unknown): void {
    if (this.#isClosing) return;
    this.#worker = undefined;
    this.#breaks += 1;
    this.#listener.onBroken(fault);
    this.#callOff = this.#timers.after(pauseAfter(this.#breaks), () => {
      this.start().catch((again: unknown) => this.#startAgain(again));
    });
  }
}

/** What it has open of files at its end is not closed with it: with a descriptor of the log, all locks would go that this process has on it. */
const newWorker = (workerData: ReactionThreadData) =>
  new Worker(new URL('./reactionthread.ts', import.meta.url), { name: 'reactions', workerData, trackUnmanagedFds: false });

const reactionsBroken = (cause: unknown) =>
  new VarveError({
    code: 'REACTIONS_BROKEN',
    message: `The thread of the reactions has broken: ${textOf(cause)}`,
    hint: 'It is started again, and goes on where they were. Look for what an answer leaves running that nobody waits for.',
    retryable: true,
    cause,
  });
