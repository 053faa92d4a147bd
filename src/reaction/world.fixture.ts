import { z } from 'zod';
import { type Awaitable, limits, type Position } from '#base';
import { eventCodec, events } from '#event';
import { type EventStore, type NewEvent, openMemoryStore } from '#eventstore';
import { MemoryNotebook, type Notebook, type Time } from './notebook.fixture.ts';
import type { Lease, ReactionNotes, ReactionState } from './port.ts';
import type { Attempt, Reaction } from './reaction.ts';
import { type Reactor, startReactor } from './reactor.ts';

/** Bells that ring, and break. */
export const bell = events('bell', { Rung: z.object({ times: z.int() }), Broken: z.object({}) });
const codec = eventCodec([bell]);

/** Time that stands still until it is moved. */
export class ManualTimers implements Time {
  readonly #settled: () => Promise<void>;
  #now = 0;
  #due: { readonly at: number; readonly call: () => void }[] = [];

  /** @param settle has all come about that follows by itself */
  constructor(settle = settled) {
    this.#settled = settle;
  }

  get now(): number {
    return this.#now;
  }

  /** How many calls wait for their time. */
  get waiting(): number {
    return this.#due.length;
  }

  after(ms: number, call: () => void): () => void {
    const one = { at: this.#now + ms, call };
    this.#due.push(one);
    return () => {
      this.#due = this.#due.filter((other) => other !== one);
    };
  }

  every(ms: number, call: () => void): () => void {
    let callOff = () => {};
    const again = () => {
      callOff = this.after(ms, () => {
        again();
        call();
      });
    };
    again();
    return () => callOff();
  }

  /** Moves it on, call by call, with what follows from each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (await this.#settled(); ; await this.#settled()) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#due = this.#due.filter((one) => one !== next);
      this.#now = next.at;
      next.call();
    }
    this.#now = end;
  }
}

/** Has all come about that follows by itself. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
}

/** What has come of an attempt. */
export interface Seen {
  readonly reaction: string;
  readonly position: Position;
  readonly key: string;
}

type Outcome = (attempt: Attempt) => Promise<void>;

/** A process, as far as it may be killed, or stand still, amid what it does. */
export class Life {
  #isOver = false;
  /** While it stands still: what it goes on by, and what has come to it meanwhile. */
  #still: (PromiseWithResolvers<void> & { readonly calls: (() => void)[] }) | undefined;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nothing of it reaches the world any more. */
  kill(): void {
    this.#isOver = true;
  }

  standStill(): void {
    this.#still ??= { ...Promise.withResolvers<void>(), calls: [] };
  }

  goOn(): void {
    const still = this.#still;
    this.#still = undefined;
    for (const call of still?.calls ?? []) this.call(call);
    still?.resolve();
  }

  /** What it is called by from outside. */
  call(call: () => void): void {
    if (this.#still) this.#still.calls.push(call);
    else if (!this.#isOver) call();
  }

  /** What it does, when it comes to it. */
  async does<T>(work: () => Awaitable<T>): Promise<T> {
    await this.#here();
    const done = await work();
    await this.#here();
    return done;
  }

  async #here(): Promise<void> {
    while (this.#still) await this.#still.promise;
    if (this.#isOver) await new Promise(() => {});
  }
}

/** Whoever calls a store, before and after it has done its work. */
type OnStore = (call: 'take' | 'read' | 'note' | 'noted', life: Life) => void;

/** A log in memory, notes that outlive their process, and processes that can be killed. */
export class World<N extends Notebook = MemoryNotebook> {
  readonly notebook: N;
  readonly log: EventStore = openMemoryStore();
  readonly timers = new ManualTimers(() => this.settled());
  readonly seen: Seen[] = [];
  readonly faults: unknown[] = [];
  readonly states = new Map<string, ReactionState>();
  onStore: OnStore = () => {};
  #count = 0;

  constructor(notebook: N) {
    this.notebook = notebook;
  }

  /** Has all come about that follows by itself. */
  async settled(): Promise<void> {
    do await settled();
    while (this.notebook.isBusy?.());
  }

  /** Moves time on, here and where notes are kept. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += limits.reactionLookMs) {
      const step = Math.min(ms - passed, limits.reactionLookMs);
      await this.notebook.pass(step);
      await this.timers.pass(step);
    }
  }

  /** Leaves events: `r` is one that was rung, all else one that broke. */
  async append(kinds: string): Promise<void> {
    const made = [...kinds].map((kind): NewEvent => {
      this.#count += 1;
      const { tags, ...encoded } = codec.encode(kind === 'r' ? bell.Rung({ times: this.#count }) : bell.Broken({}));
      const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
      return { ...encoded, tags, eventId: `e-${this.#count}`, stream: 'bell-a', metadata, recordedAt: new Date(0) };
    });
    await this.log.append(made);
  }

  /** An answer that says what it has seen, and then ends so. */
  answering(reaction: string, outcome: Outcome = async () => {}) {
    return async ({ position }: { readonly position: Position }, attempt: Attempt): Promise<void> => {
      this.seen.push({ reaction, position, key: attempt.key });
      await outcome(attempt);
    };
  }

  /** What a reaction has seen, position by position, in its order. */
  positionsOf(name: string): readonly Position[] {
    return this.seen.filter(({ reaction }) => reaction === name).map(({ position }) => position);
  }

  /** Starts a process. */
  start(...reactions: readonly Reaction[]): Promise<Reactor> {
    return this.startAs(new Life(), reactions);
  }

  /** Starts a process whose life is told. */
  startAs(life: Life, reactions: readonly Reaction[]): Promise<Reactor> {
    const clock = this.timers;
    const timers: Time = {
      get now() {
        return clock.now;
      },
      after: (ms, call) => clock.after(ms, () => life.call(call)),
      every: (ms, call) => clock.every(ms, () => life.call(call)),
    };
    return startReactor(
      reactions.map((one): Reaction => ({ ...one, answer: (...told) => life.does(() => one.answer(...told)) })),
      {
        log: {
          position: () => this.log.position(),
          read: (...wanted) =>
            life.does(() => {
              this.onStore('read', life);
              return this.log.read(...wanted);
            }),
        },
        notes: this.#notesFor(life, this.notebook.open(timers)),
        codec,
        timers,
        onState: (state) => void (life.isOver || this.states.set(state.name, state)),
        onFault: (fault) => void (life.isOver || this.faults.push(fault)),
      },
    );
  }

  #notesFor(life: Life, notes: ReactionNotes): ReactionNotes {
    return {
      begin: (...told) => life.does(() => notes.begin(...told)),
      take: async (name) => {
        const taken = await life.does(() => {
          this.onStore('take', life);
          return notes.take(name);
        });
        return 'keep' in taken ? this.#leaseFor(life, taken) : taken;
      },
    };
  }

  #leaseFor(life: Life, lease: Lease): Lease {
    let noted = lease.position;
    const keep = async (position: Position, failing: boolean) => {
      const isNote = position > noted;
      if (isNote) await life.does(() => this.onStore('note', life));
      noted = await life.does(() => lease.keep(position, failing));
      if (isNote) await life.does(() => this.onStore('noted', life));
      return noted;
    };
    return { position: lease.position, keep, release: () => life.does(() => lease.release()) };
  }
}

/** A world that is all in memory. */
export const memoryWorld = (): World => new World(new MemoryNotebook());
