import { rowOf } from '#application';
import type { NewId, Position, Timers } from '#base';
import { Answering, codecOf, Deciding, type Dispatcher, decidingMemory, dispatcher } from '#command';
import type { Hub } from '#livestream';
import { startApart, type Thread } from '../../src/shell/simulated.fixture.ts';
import { application, type Build } from './build.ts';
import { crossing } from './crossing.ts';
import type { Asking, Disk, Mounted } from './disk.ts';
import type { Scheduler } from './scheduler.ts';
import type { Setting } from './setting.ts';

/** What a writer stands on. */
export interface WriterParts {
  readonly scheduler: Scheduler;
  readonly disk: Disk;
  readonly setting: Setting;
  readonly build: Build;
  readonly newId: NewId;
  /** Told of a fault that nobody else is told of. */
  readonly onFault: (fault: unknown) => void;
}

/** A writer, and the hub that hears of its commits. */
export interface Writing {
  readonly hub: Hub;
  readonly writer: Dispatcher;
}

/** The codec of the shop's events. */
export const codec = codecOf(application);

/** In memory it is known at once. */
function positionOf({ log }: Mounted): Position {
  const position = log.position();
  if (position instanceof Promise) throw new Error('A log in memory knows its position at once.');
  return position;
}

/** Decides in the process's own thread. */
export function writeHere(parts: WriterParts, mounted: Mounted): Writing {
  const hub = new parts.build.Hub(positionOf(mounted));
  const writer = dispatcher({
    ...dispatcherParts(parts, mounted),
    onCommit: (commit) => hub.publish(commit),
    onRebuilt: () => hub.rebuilt(),
  });
  return { hub, writer };
}

/** Decides in a thread of its own, which is replaced where a command stands still in it. */
export async function writeApart(parts: WriterParts, process: Asking, mounted: Mounted, timers: Timers): Promise<Writing> {
  const { setting, build, onFault } = parts;
  let hub: Hub | undefined;
  const writer = await startApart(() => startThread(parts, process), application, {
    codec,
    timers,
    commandTimeMaxMs: setting.commandTimeMaxMs,
    onCommit: (position, read) => hub?.publishOf(position, read),
    onRebuilt: () => hub?.rebuilt(),
    onFault,
    onBroken: (fault) => {
      onFault(fault);
      process.end();
    },
  });
  // It has committed a moment before the rest of the process hears of it.
  hub = new build.Hub(writer.position, () => positionOf(mounted));
  return { hub, writer };
}

async function startThread(parts: WriterParts, process: Asking): Promise<Thread> {
  const { scheduler, disk, build } = parts;
  await scheduler.pause(scheduler.chance(20), 'a writer starts');
  const thread = new WriterThread(process);
  const [near, far] = crossing(scheduler, process, thread);
  const memory = decidingMemory();
  const deciding = new ThreadDeciding(memory);
  thread.onStandStill = () => deciding.loop();
  const answering = new Answering(far, application.commands, deciding);
  const mounted = build.store(disk.mount(thread), scheduler);
  const inner = dispatcher({
    ...dispatcherParts(parts, mounted),
    deciding,
    onCommit: (...told) => answering.committed(...told),
    onRebuilt: () => answering.rebuilt(),
  });
  void answering.answer(inner).then(() => answering.closed());
  const terminate = async (): Promise<number> => {
    scheduler.note('a writer is ended');
    thread.terminate();
    near.noMore();
    return 1;
  };
  return { worker: { terminate, once: () => undefined }, port: near, memory, position: positionOf(mounted), ended: near.heardAll };
}

/** What a thread is deciding: it may find no end. */
class ThreadDeciding extends Deciding {
  #last = 0;

  override begin(command: number): void {
    super.begin(command);
    if (command !== 0) this.#last = command;
  }

  /** The domain code of the command that is decided would loop from here on. */
  loop(): void {
    this.begin(this.#last);
  }
}

/** A thread of a process: it ends with it, or before it. */
class WriterThread implements Asking {
  readonly ended: Promise<never>;
  onStandStill: () => void = () => {};
  readonly #process: Asking;
  readonly #end = Promise.withResolvers<never>();
  #isOver = false;
  #isStill = false;

  constructor(process: Asking) {
    this.#process = process;
    this.ended = Promise.race([process.ended, this.#end.promise]);
    this.ended.catch(() => {});
  }

  get isOver(): boolean {
    return this.#isOver || this.#process.isOver;
  }

  get isStill(): boolean {
    return this.#isStill;
  }

  /** Its process dies. */
  end(): void {
    this.#process.end();
  }

  standStill(): void {
    this.#isStill = true;
    this.onStandStill();
  }

  /** It alone is ended. */
  terminate(): void {
    this.#isOver = true;
    this.#end.reject(new Error('The thread is over.'));
  }
}

function dispatcherParts({ scheduler, setting, build, newId, onFault }: WriterParts, { log, rows, journal }: Mounted) {
  const { projections } = build;
  const { caches } = setting;
  return { log, rows, journal, projections, codec, rowOf: rowOf(application), clock: scheduler.clock, newId, caches, onFault };
}
