import { LRUCache } from 'lru-cache';
import { assert, domainCode, limits, roughBytes } from '#base';
import type { Fold, Selection } from '#decider';
import type { EventCodec, Recorded } from '#event';
import type { EventReader } from '#eventstore';

/** A state that was folded from the log, kept current as the writer appends. */
export interface Folded {
  readonly fold: Fold<unknown>;
  readonly key: string;
  readonly selection: Selection;
  readonly state: unknown;
  /** The last version of the stream, where the fold is over one. */
  readonly version: number;
}

/** An event on its way into the log, with its tags. */
export interface Tagged {
  readonly event: Recorded;
  readonly tags: readonly string[];
}

/** Names of states under what events are found by. */
type Names = Map<string, Set<string>>;

/** How much a {@link States} remembers. */
export interface StatesBounds {
  readonly statesCachedMax: number;
  readonly statesCachedBytesMax: number;
}

interface StatesOptions extends Partial<StatesBounds> {
  /** Told of each page of the log that is folded: a long history takes its time. */
  readonly onPage?: () => void;
}

/**
 * The states that decisions need, folded once and then moved on by each appended event, so that a hot aggregate costs
 * no read. Bounded by count and by estimated size; true only for whoever holds the log's write lock.
 */
export class States {
  readonly #codec: EventCodec;
  readonly #byName: LRUCache<string, Folded>;
  /** Folds by tag under their first tag, untagged ones under each of their types. */
  readonly #bySubject: Names = new Map();
  readonly #onPage: () => void;
  readonly #folds = new Map<string, Fold<unknown>>();

  constructor(codec: EventCodec, options: StatesOptions = {}) {
    const { statesCachedMax = limits.statesCachedMax, statesCachedBytesMax = limits.statesCachedBytesMax, onPage = () => {} } = options;
    this.#codec = codec;
    this.#onPage = onPage;
    this.#byName = new LRUCache<string, Folded>({
      max: statesCachedMax,
      maxSize: statesCachedBytesMax,
      sizeCalculation: ({ key, state }) => 200 + key.length + roughBytes(state),
      dispose: (folded, name, reason) => {
        if (reason !== 'set') this.#unlist(folded, name);
      },
    });
  }

  /**
   * The states of one fold at some keys, in their order. Those that are not remembered are read together, a page at a time, each event
   * once: an order of 700 products is read and decoded once, and not once for each product that asks for it.
   */
  async load(log: EventReader, fold: Fold<unknown>, keys: readonly string[]): Promise<readonly Folded[]> {
    const found = new Map<string, Folded>();
    const missing = new Map<string, Folded>();
    for (const key of keys) {
      const name = this.#nameOf(fold, key);
      const known = this.#byName.get(name);
      if (known) found.set(name, known);
      else missing.set(name, { fold, key, selection: domainCode(() => fold.select(key)), state: fold.initial, version: 0 });
    }
    if (missing.size > 0) await this.#fold(log, missing);
    for (const [name, folded] of missing) {
      found.set(name, folded);
      for (const subject of subjectsOf(folded.selection)) listed(this.#bySubject, subject, name);
      this.#remember(name, folded);
    }
    return keys.flatMap((key) => found.get(this.#nameOf(fold, key)) ?? []);
  }

  /** A state that is remembered; undefined where it is not. */
  peek(fold: Fold<unknown>, key: string): Folded | undefined {
    return this.#byName.peek(this.#nameOf(fold, key));
  }

  /** Moves states from nothing to the end of the log. */
  async #fold(log: EventReader, states: Map<string, Folded>): Promise<void> {
    const bySubject: Names = new Map();
    for (const [name, { selection }] of states) for (const subject of subjectsOf(selection, true)) listed(bySubject, subject, name);
    const items = [...states.values()].map(({ selection }) => selection);
    for (let after = 0; ; ) {
      const page = await log.readTagged(items, { after, limit: limits.readEventsMax });
      for (const { event: stored, tags } of page) {
        const event = this.#codec.decode(stored);
        for (const subject of [streamSubject(stored.stream), ...tags.map(tagSubject), typeSubject(stored.type)])
          for (const name of bySubject.get(subject) ?? []) {
            const folded = states.get(name);
            if (folded && concerns(folded.selection, event.type, tags)) states.set(name, step(folded, event));
          }
      }
      this.#onPage();
      if (page.length < limits.readEventsMax) return;
      after = page.at(-1)?.event.position ?? after;
    }
  }

  /** Works out what the events make of the states at hand; nothing changes until the answer is called. Throws where `evolve` does. */
  evolve(events: readonly Tagged[]): () => void {
    const next = new Map<string, Folded>();
    for (const { event, tags } of events) {
      for (const name of this.#concerned(event, tags)) {
        const folded = next.get(name) ?? this.#byName.peek(name);
        if (folded) next.set(name, step(folded, event));
      }
    }
    return () => {
      // Remembering one may push out another. What was pushed out stays out: nothing would move it on any more.
      for (const [name, folded] of next) if (this.#byName.has(name)) this.#remember(name, folded);
    };
  }

  clear(): void {
    this.#byName.clear();
    this.#bySubject.clear();
  }

  /** Folds of one name would take each other's states for their own. */
  #nameOf(fold: Fold<unknown>, key: string): string {
    const known = this.#folds.get(fold.name) ?? fold;
    this.#folds.set(fold.name, known);
    assert(known === fold, `Two folds are named ${fold.name}.`, 'Declare each once, outside of `reads`, and give each its own name.');
    return `${fold.name} ${key}`;
  }

  /** A state that is too large for the whole cache is not kept; then no event needs to look for it. */
  #remember(name: string, folded: Folded): void {
    this.#byName.set(name, folded);
    if (!this.#byName.has(name)) this.#unlist(folded, name);
  }

  *#concerned(event: Recorded, tags: readonly string[]): Generator<string> {
    // A decider's name is its category.
    yield `${event.category} ${event.id}`;
    for (const subject of [...tags.map(tagSubject), typeSubject(event.type)]) {
      for (const name of this.#bySubject.get(subject) ?? []) {
        const selection = this.#byName.peek(name)?.selection;
        if (selection && concerns(selection, event.type, tags)) yield name;
      }
    }
  }

  #unlist({ selection }: Folded, name: string): void {
    for (const subject of subjectsOf(selection)) {
      const names = this.#bySubject.get(subject);
      names?.delete(name);
      if (names?.size === 0) this.#bySubject.delete(subject);
    }
  }
}

const streamSubject = (stream: string) => `stream ${stream}`;
const tagSubject = (tag: string) => `tag ${tag}`;
const typeSubject = (type: string) => `type ${type}`;

/** What an event must have one of to concern the selection. Aggregates are found by their names, and are listed only where they are asked for. */
function subjectsOf({ stream, types = [], tags = [] }: Selection, streams = false): readonly string[] {
  if (stream !== undefined) return streams ? [streamSubject(stream)] : [];
  const [first] = tags;
  return first === undefined ? types.map(typeSubject) : [tagSubject(first)];
}

const concerns = ({ types, tags: all = [] }: Selection, type: string, tags: readonly string[]) =>
  (types === undefined || types.includes(type)) && all.every((tag) => tags.includes(tag));

function listed(lists: Names, subject: string, name: string): void {
  lists.set(subject, (lists.get(subject) ?? new Set()).add(name));
}

function step(folded: Folded, event: Recorded): Folded {
  const state = domainCode(() => folded.fold.evolve(folded.state, event, folded.key));
  return { ...folded, state, version: folded.selection.stream === undefined ? 0 : event.version };
}
