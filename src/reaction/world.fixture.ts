import { z } from 'zod';
import type { Position, Timers } from '#base';
import { eventCodec, events } from '#event';
import { type EventStore, type NewEvent, openMemoryStore } from '#eventstore';
import type { ReactionNotes, ReactionState } from './port.ts';
import type { Attempt, Reaction } from './reaction.ts';
import { type Reactor, startReactor } from './reactor.ts';

/** Bells that ring, and break. */
export const bell = events('bell', { Rung: z.object({ times: z.int() }), Broken: z.object({}) });
const codec = eventCodec([bell]);

/** Time that stands still until it is moved. */
export class ManualTimers implements Timers {
  #now = 0;
  #due: { readonly at: number; readonly call: () => void }[] = [];

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
    for (await settled(); ; await settled()) {
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

/** A log in memory, notes that outlive their process, and processes that can be killed. */
export class World {
  readonly log: EventStore = openMemoryStore();
  readonly timers = new ManualTimers();
  readonly notes = new Map<string, Position>();
  readonly seen: Seen[] = [];
  readonly faults: unknown[] = [];
  readonly states = new Map<string, ReactionState>();
  /** Whoever calls the store, before and after it has done its work. */
  onStore: (call: 'read' | 'note' | 'noted') => void = () => {};
  #count = 0;
  #life = { isOver: false };

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

  /** Kills the process that was started last: nothing of it reaches the world any more. */
  kill(): void {
    this.#life.isOver = true;
  }

  /** Starts a process. */
  async start(...reactions: readonly Reaction[]): Promise<Reactor> {
    const life = { isOver: false };
    this.#life = life;
    const alive = <T>(work: () => T): T | Promise<never> => (life.isOver ? new Promise<never>(() => {}) : work());
    const quick = reactions.map((one): Reaction => ({ ...one, answer: async (...told) => alive(() => one.answer(...told)) }));
    return startReactor(quick, {
      log: {
        position: () => this.log.position(),
        read: async (...wanted) =>
          alive(() => {
            this.onStore('read');
            return this.log.read(...wanted);
          }),
      },
      notes: this.#notesFor(alive),
      codec,
      timers: this.timers,
      onState: (state) => void (life.isOver || this.states.set(state.name, state)),
      onFault: (fault) => void (life.isOver || this.faults.push(fault)),
    });
  }

  #notesFor(alive: <T>(work: () => T) => T | Promise<never>): ReactionNotes {
    const noted = (name: string) => this.notes.get(name) ?? 0;
    return {
      begin: (name, first) => {
        if (!this.notes.has(name)) this.notes.set(name, first);
        return noted(name);
      },
      at: (name) => alive(() => noted(name)),
      note: async (name, position) =>
        alive(() => {
          this.onStore('note');
          this.notes.set(name, Math.max(noted(name), position));
          this.onStore('noted');
          return alive(() => undefined);
        }),
    };
  }
}
