import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Application } from '#application';
import { assert, type Position, throwAlone, VarveError } from '#base';
import { type Dispatcher, type RemoteDispatcher, type RemoteParts, remoteDispatcher, unpackFault } from '#command';
import type { EventCodec } from '#event';
import type { RebuildProgress } from '#projector';
import type { OnRebuild } from './rebuild.ts';

/** What the writer's thread is started with. */
export interface ThreadData {
  /** The module that exports the application, and the application's name. */
  readonly module: string;
  readonly name: string;
  readonly folder: string;
  readonly journalPositionsMax: number | undefined;
  readonly port: MessagePort;
  /** Its one number is no longer 0 where the start is to be broken off. */
  readonly stop: Int32Array;
}

/** What the thread says while it starts. */
export type Starting =
  | { readonly tables: readonly string[]; readonly progress: RebuildProgress }
  | { readonly ready: Position }
  | { readonly fault: Parameters<typeof unpackFault>[0] };

/** What may be set of a writer in a thread of its own. */
export interface ThreadOptions {
  readonly codec: EventCodec;
  readonly onCommit: RemoteParts['onCommit'];
  readonly onFault?: ((fault: unknown) => void) | undefined;
  readonly onRebuild?: OnRebuild | undefined;
  readonly journalPositionsMax?: number | undefined;
  /** Told where the thread broke. Left out: it is thrown where nobody catches it. */
  readonly onBroken?: ((fault: unknown) => void) | undefined;
}

/** A writer in a thread of its own. */
export interface WriterThread extends Dispatcher {
  /** The log's last position when it started. */
  readonly position: Position;
}

/**
 * Starts an application's writer in a thread of its own: log, deciders and projections run there, so that no request waits for a disk. Throws what
 * opening the log throws there, and what `onRebuild` throws here.
 */
export async function startWriterThread(application: Application, folder: string, options: ThreadOptions): Promise<WriterThread> {
  const { name, module, projections } = application;
  assert(
    module !== undefined,
    `The application ${name} does not say which module exports it.`,
    'Declare it with `module: import.meta.url`.',
  );
  const { codec, onCommit, onFault = throwAlone, onRebuild, onBroken = throwAlone, journalPositionsMax } = options;
  const { port1, port2 } = new MessageChannel();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadData = { module, name, folder, journalPositionsMax, port: port2, stop };
  const worker = new Worker(new URL('./writerthread.ts', import.meta.url), { name: 'writer', workerData, transferList: [port2] });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let brokenOff: { readonly fault: unknown } | undefined;
  const position = await started(worker, (tables, progress) => {
    try {
      onRebuild?.(tables, progress);
    } catch (fault) {
      brokenOff ??= { fault };
      Atomics.store(stop, 0, 1);
    }
  }).catch((fault: unknown) => {
    throw brokenOff ? brokenOff.fault : fault;
  });
  const dispatcher = remoteDispatcher({ port: port1, projections, codec, onCommit, onFault });
  const close = async (): Promise<void> => {
    await dispatcher.close();
    await ended;
  };
  if (brokenOff) {
    // It was over before it heard.
    await close();
    throw brokenOff.fault;
  }
  tellIfBroken(worker, port1, dispatcher, onBroken);
  return { position, send: (...sent) => dispatcher.send(...sent), close };
}

/** Resolves when the thread can decide; its log's last position. Rejects with what was wrong. */
function started(worker: Worker, onRebuild: OnRebuild): Promise<Position> {
  return new Promise((resolve, reject) => {
    worker.on('message', (said: Starting) => {
      if ('ready' in said) resolve(said.ready);
      else if ('fault' in said) reject(unpackFault(said.fault));
      else onRebuild(said.tables, said.progress);
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(broken(new Error('it ended while it started'))));
  });
}

function tellIfBroken(worker: Worker, port: MessagePort, dispatcher: RemoteDispatcher, tell: (fault: unknown) => void): void {
  const broke = (cause: unknown): void => {
    if (dispatcher.isOver) return;
    const fault = broken(cause);
    dispatcher.lose(fault);
    tell(fault);
  };
  worker.once('error', broke);
  // Its last words, that it was closed, may come after its end; why it broke may come after the end of its port.
  const ends = [worker, port].map((one) => new Promise((resolve) => one.once(one === worker ? 'exit' : 'close', resolve)));
  void Promise.all(ends).then(() => broke(new Error('it ended by itself')));
}

const broken = (cause: unknown) =>
  new VarveError({
    code: 'WRITER_BROKEN',
    message: `The writer's thread has broken: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'Start again: what was accepted is there. A command that was under way may be sent again, with the same commandId.',
    retryable: true,
    cause,
  });
