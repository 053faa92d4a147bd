import { deserialize, serialize } from 'node:v8';
import type { CrossingPort } from '#command';
import type { Scheduler } from './scheduler.ts';

/** The longest that a message between two threads is under way. */
const crossingMsMax = 2;

/** Whether whoever is at an end of a crossing takes what comes. */
export interface End {
  readonly isOver: boolean;
  /** It is there, but takes nothing. */
  readonly isStill?: boolean;
}

/** Two ends of what lies between the writer's thread and the rest of its process: messages arrive later, whole, in order, as copies. */
export function crossing(scheduler: Scheduler, process: End, thread: End): readonly [Port, Port] {
  const [near, far] = [new Port(scheduler, process, 'answers'), new Port(scheduler, thread, 'commands')];
  near.other = far;
  far.other = near;
  return [near, far];
}

/** One end of a crossing. */
export class Port implements CrossingPort {
  other: Port | undefined;
  readonly #scheduler: Scheduler;
  readonly #owner: End;
  /** What comes here. */
  readonly #name: string;
  readonly #coming: Buffer[] = [];
  readonly #hearers: ((said: unknown) => void)[] = [];
  readonly #heardAll = Promise.withResolvers<void>();
  #isLast = false;
  #isClosed = false;

  constructor(scheduler: Scheduler, owner: End, name: string) {
    this.#scheduler = scheduler;
    this.#owner = owner;
    this.#name = name;
  }

  /** Resolves when the other end is gone, and all that it said has been heard here. */
  get heardAll(): Promise<void> {
    return this.#heardAll.promise;
  }

  on(_: 'message', hear: (said: unknown) => void): void {
    this.#hearers.push(hear);
  }

  /** Throws what has no copy, as between real threads. */
  postMessage(said: unknown): void {
    this.other?.hear(serialize(said));
  }

  close(): void {
    this.#isClosed = true;
    this.other?.noMore();
  }

  /** The other end is gone: what it has said by now still comes. */
  noMore(): void {
    this.#isLast = true;
    if (this.#coming.length === 0) this.#heardAll.resolve();
  }

  hear(copy: Buffer): void {
    if (this.#coming.push(copy) === 1) this.#next();
  }

  #next(): void {
    this.#scheduler.in(this.#scheduler.chance(crossingMsMax + 1), this.#name, () => {
      if (this.#owner.isOver || this.#owner.isStill) return;
      const copy = this.#coming.shift();
      if (copy && !this.#isClosed) for (const hear of this.#hearers) hear(deserialize(copy));
      if (this.#coming.length > 0) this.#next();
      else if (this.#isLast) this.#heardAll.resolve();
    });
  }
}
