import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Application } from '#application';
import { assert, type Position, VarveError } from '#base';
import { type CrossingPort, decidingMemory, unpackFault } from '#command';
import type { RebuildProgress } from '#projector';
import type { Place } from './place.ts';
import type { Reached } from './reach.ts';
import type { OnRebuild } from './rebuild.ts';

/** What the thread's program is started with. */
export interface ThreadData {
  /** The module that exports the application, and the application's name. */
  readonly module: string;
  readonly name: string;
  readonly place: Place;
  readonly journalPositionsMax: number | undefined;
  readonly receiptsDays: number | undefined;
  readonly isOpenHere: boolean;
  readonly port: MessagePort;
  /** Says which command is being decided. */
  readonly memory: SharedArrayBuffer;
  /** Its one number is no longer 0 where the start is to be broken off. */
  readonly stop: Int32Array;
}

/** What the thread says beside its answers: how its start goes, and from then on whether it could look at the log. */
export type Said =
  | { readonly looked: Reached }
  | { readonly tables: readonly string[]; readonly progress: RebuildProgress }
  | { readonly ready: Position }
  | { readonly fault: Parameters<typeof unpackFault>[0] };

/** What may be set of a thread that writes. */
export interface StartOptions {
  /** See `WriterOptions`. */
  readonly onLooked?: ((is: Reached) => void) | undefined;
  readonly onRebuild?: OnRebuild | undefined;
  readonly journalPositionsMax?: number | undefined;
  /** How long a command's receipt is kept at least, in days; left out: for ever. */
  readonly receiptsDays?: number | undefined;
  /** True where this process reads the log already: the thread takes the place of another. */
  readonly isOpenHere?: boolean;
}

/** A thread that writes: it takes commands by its port. */
export interface Thread {
  readonly worker: Pick<Worker, 'terminate'> & { once(event: 'error', broke: (cause: unknown) => void): unknown };
  readonly port: CrossingPort;
  readonly memory: SharedArrayBuffer;
  /** The log's last position when it started. */
  readonly position: Position;
  /** Resolves when it has ended, and all that it said is here. */
  readonly ended: Promise<void>;
}

/** Starts a thread that writes an application's log. Throws what opening the log throws there, and what `onRebuild` throws here. */
export async function startThread(application: Application, place: Place, options: StartOptions): Promise<Thread> {
  const { name, module } = application;
  assert(
    module !== undefined,
    `The application ${name} does not say which module exports it.`,
    'Declare it with `module: import.meta.url`.',
  );
  const { onLooked, onRebuild, journalPositionsMax, receiptsDays, isOpenHere = false } = options;
  const { port1: port, port2 } = new MessageChannel();
  const memory = decidingMemory();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadData = { module, name, place, journalPositionsMax, receiptsDays, isOpenHere, port: port2, memory, stop };
  const worker = newWorker(workerData);
  let brokenOff: { readonly fault: unknown } | undefined;
  const onProgress: OnRebuild = (tables, progress) => {
    try {
      onRebuild?.(tables, progress);
    } catch (fault) {
      brokenOff ??= { fault };
      Atomics.store(stop, 0, 1);
    }
  };
  const position = await started(worker, { onRebuild: onProgress, onLooked }).catch((fault: unknown) => {
    throw brokenOff ? brokenOff.fault : fault;
  });
  // Its last words, that it was closed, may come after its end; why it broke may come after the end of its port.
  const ends = [worker, port].map((one) => new Promise((resolve) => one.once(one === worker ? 'exit' : 'close', resolve)));
  const thread: Thread = { worker, port, memory, position, ended: Promise.all(ends).then(() => undefined) };
  if (!brokenOff) return thread;
  // It was over before it heard.
  await worker.terminate();
  throw brokenOff.fault;
}

/** What it has open of files at its end is not closed with it: with a descriptor of the log, all locks would go that this process has on it. */
const newWorker = (workerData: ThreadData) =>
  new Worker(new URL('./writerthread.ts', import.meta.url), {
    name: 'writer',
    workerData,
    transferList: [workerData.port],
    trackUnmanagedFds: false,
  });

/** Resolves when the thread can decide; its log's last position. Rejects with what was wrong. */
function started(worker: Worker, { onRebuild, onLooked }: Pick<StartOptions, 'onRebuild' | 'onLooked'>): Promise<Position> {
  return new Promise((resolve, reject) => {
    worker.on('message', (said: Said) => {
      if ('ready' in said) resolve(said.ready);
      else if ('fault' in said) reject(unpackFault(said.fault));
      else if ('looked' in said) onLooked?.(said.looked);
      else onRebuild?.(said.tables, said.progress);
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(writerBroken(new Error('it ended while it started'))));
  });
}

/** Nothing is decided any more. */
export const writerBroken = (cause: unknown) =>
  new VarveError({
    code: 'WRITER_BROKEN',
    message: `The writer's thread has broken: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'Start again: what was accepted is there. A command that was under way may be sent again, with the same commandId.',
    retryable: true,
    cause,
  });
