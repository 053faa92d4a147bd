import type { Clock, Timers } from '#base';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import type { Trace } from './trace.ts';

/** Numbers that look random, below a bound; the same again for the same seed. */
export type Chance = (below: number) => number;

/** Something that is to happen. */
interface Task {
  /** In the world's milliseconds. */
  readonly due: number;
  readonly what: string;
  readonly act: () => void;
}

/** A Monday; nothing depends on it. */
const beginning = Date.parse('2026-11-02T09:00:00Z');

/** Before so much time is passed over at once, whatever is under way by itself gets some turns. */
const leapMs = 10;
const turnsBeforeLeap = 4;

/**
 * The time and the chance of one world. Whatever takes time waits here, and is let go on one after the other, in an order that the seed decides; in
 * between, everything that follows from it by itself comes about in turns of Node's own event loop, whose order is fixed as long as nothing
 * outside of the world is waited for. So the same seed is the same world.
 */
export class Scheduler implements Timers {
  readonly chance: Chance;
  readonly clock: Clock = { now: () => new Date(beginning + this.#now) };
  readonly #trace: Trace;
  #now = 0;
  #steps = 0;
  #tasks: Task[] = [];

  constructor(seed: number, trace: Trace) {
    this.chance = numbersFrom(seed);
    this.#trace = trace;
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** How much has happened. */
  get steps(): number {
    return this.#steps;
  }

  /** Writes down what happened just now. */
  note(what: string): void {
    this.#trace.note(this.#now, what);
  }

  /** True one time in so many. */
  oneIn(count: number): boolean {
    return this.chance(count) === 0;
  }

  /** Any of a list, which is not empty. */
  any<T>(list: readonly T[]): T {
    return list[this.chance(list.length)] as T;
  }

  /** Has something happen after so many milliseconds; answers how to call it off. */
  in(ms: number, what: string, act: () => void): () => void {
    const task = { due: this.#now + ms, what, act };
    this.#tasks.push(task);
    return () => {
      const place = this.#tasks.indexOf(task);
      if (place >= 0) this.#take(place);
    };
  }

  /** Resolves after so many milliseconds. */
  pause(ms: number, what: string): Promise<void> {
    return new Promise((resolve) => void this.in(ms, what, resolve));
  }

  after(ms: number, call: () => void): () => void {
    return this.in(ms, 'timer', call);
  }

  every(ms: number, call: () => void): () => void {
    let callOff = () => {};
    const beat = (): void => {
      callOff = this.in(ms, 'beat', () => {
        beat();
        call();
      });
    };
    beat();
    return () => callOff();
  }

  /** Lets things happen until the condition holds, or so many milliseconds have passed; answers whether it holds. */
  async runUntil(holds: () => boolean, msMax: number): Promise<boolean> {
    const end = this.#now + msMax;
    while (!holds()) {
      if (this.#now > end) return false;
      await this.#step();
    }
    return true;
  }

  async #step(): Promise<void> {
    let ready = this.#ready();
    if (ready.due > this.#now + leapMs) {
      await turns(turnsBeforeLeap);
      ready = this.#ready();
    }
    if (ready.places.length === 0) throw new Error('Nothing is to come any more.');
    const { what, act } = this.#take(this.any(ready.places));
    this.#now = ready.due;
    this.#steps += 1;
    this.note(what);
    act();
    // Mostly one turn: what takes several of them may be overtaken.
    await turns(this.oneIn(6) ? 1 + this.chance(4) : 1);
  }

  /** What is due first, and when. */
  #ready(): { readonly due: number; readonly places: readonly number[] } {
    let due = Number.POSITIVE_INFINITY;
    const places: number[] = [];
    for (let place = 0; place < this.#tasks.length; place += 1) {
      const other = this.#tasks[place]?.due ?? due;
      if (other < due) places.length = 0;
      if (other > due) continue;
      due = other;
      places.push(place);
    }
    return { due, places };
  }

  #take(place: number): Task {
    const task = this.#tasks[place] as Task;
    const last = this.#tasks.pop() as Task;
    if (last !== task) this.#tasks[place] = last;
    return task;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}
