import { LRUCache } from 'lru-cache';
import { assert, limits, roughBytes } from '#base';
import type { AnyDecider, Fold, Selection } from '#decider';
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

/** How much a {@link States} remembers. */
export interface StatesBounds {
  readonly statesCachedMax: number;
  readonly statesCachedBytesMax: number;
}

/**
 * The states that decisions need, folded once and then moved on by each appended event, so that a hot aggregate costs
 * no read. Bounded by count and by estimated size; true only for whoever holds the log's write lock.
 */
export class States {
  readonly #codec: EventCodec;
  readonly #byName: LRUCache<string, Folded>;
  /** Folds by tag under their first tag, untagged ones under each of their types. */
  readonly #bySubject = new Map<string, Set<string>>();
  readonly #folds = new Map<string, Fold<unknown>>();

  constructor(codec: EventCodec, { statesCachedMax, statesCachedBytesMax }: StatesBounds = limits) {
    this.#codec = codec;
    this.#byName = new LRUCache<string, Folded>({
      max: statesCachedMax,
      maxSize: statesCachedBytesMax,
      sizeCalculation: ({ key, state }) => 200 + key.length + roughBytes(state),
      dispose: (folded, name, reason) => {
        if (reason !== 'set') this.#unlist(folded, name);
      },
    });
  }

  async load(log: EventReader, fold: Fold<unknown>, key: string): Promise<Folded> {
    const name = this.#nameOf(fold, key);
    const known = this.#byName.get(name);
    if (known) return known;
    const selection = fold.select(key);
    let folded: Folded = { fold, key, selection, state: fold.initial, version: 0 };
    for (let after = 0; ; ) {
      const page = await log.read([selection], { after, limit: limits.readEventsMax });
      for (const stored of page) folded = step(folded, this.#codec.decode(stored));
      if (page.length < limits.readEventsMax) break;
      after = page.at(-1)?.position ?? after;
    }
    for (const subject of subjectsOf(selection)) this.#bySubject.set(subject, (this.#bySubject.get(subject) ?? new Set()).add(name));
    this.#remember(name, folded);
    return folded;
  }

  /** Works out what the events make of the states at hand; nothing changes until the answer is called. Throws where `evolve` does. */
  evolve(decider: AnyDecider, events: readonly Tagged[]): () => void {
    const next = new Map<string, Folded>();
    for (const { event, tags } of events) {
      for (const name of this.#concerned(decider, event, tags)) {
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

  *#concerned(decider: AnyDecider, event: Recorded, tags: readonly string[]): Generator<string> {
    yield `${decider.name} ${event.id}`;
    for (const subject of [...tags.map(tagSubject), typeSubject(event.type)]) {
      for (const name of this.#bySubject.get(subject) ?? []) {
        const selection = this.#byName.peek(name)?.selection;
        if (selection?.types?.includes(event.type) && (selection.tags ?? []).every((tag) => tags.includes(tag))) yield name;
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

const tagSubject = (tag: string) => `tag ${tag}`;
const typeSubject = (type: string) => `type ${type}`;

function subjectsOf({ stream, types = [], tags = [] }: Selection): readonly string[] {
  if (stream !== undefined) return [];
  const [first] = tags;
  return first === undefined ? types.map(typeSubject) : [tagSubject(first)];
}

function step(folded: Folded, event: Recorded): Folded {
  const state = folded.fold.evolve(folded.state, event, folded.key);
  return { ...folded, state, version: folded.selection.stream === undefined ? 0 : event.version };
}
