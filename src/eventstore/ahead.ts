import { limits } from '#base';
import type { QueryItem, ReadOptions, StoredEvent, TaggedEvent } from './port.ts';

/**
 * Events that were read before they are asked for: all that match any of some items of queries. Many commands ask one after another, each for a few
 * of the items; a store that is far away is asked once. For one transaction: it is told of what is appended meanwhile.
 */
export class EventsAhead {
  readonly #byItem = new Map<string, TaggedEvent[]>();
  /** The items that an event may match, by what the item names: its stream, or its first tag, or one of its types. */
  readonly #bySubject = new Map<string, Set<string>>();

  /**
   * @param items all of whose events were read
   * @param events in the order of their positions, with at least those tags that the items name
   */
  constructor(items: readonly QueryItem[], events: readonly TaggedEvent[]) {
    for (const item of items) {
      const name = nameOf(item);
      this.#byItem.set(name, []);
      for (const subject of subjectsOf(item)) this.#bySubject.set(subject, (this.#bySubject.get(subject) ?? new Set()).add(name));
    }
    const wanted = new Map(items.map((item) => [nameOf(item), item]));
    for (const tagged of events) {
      for (const name of this.#named(tagged.event, tagged.tags)) {
        const item = wanted.get(name);
        if (item && isOf(item, tagged)) this.#byItem.get(name)?.push(tagged);
      }
    }
  }

  /** True where it is known what a read of this item alone would give. */
  knows(item: QueryItem): boolean {
    return this.#byItem.has(nameOf(item));
  }

  /** What a read of these items would give; undefined where that is not known here. */
  answer(items: readonly QueryItem[], { after = 0, limit = limits.readEventsMax }: ReadOptions = {}): readonly TaggedEvent[] | undefined {
    const lists: TaggedEvent[][] = [];
    for (const item of items) {
      const list = this.#byItem.get(nameOf(item));
      if (!list) return undefined;
      lists.push(list);
    }
    const [only, ...more] = lists;
    const found = only && more.length === 0 ? only : united(lists);
    // What most commands find that make something new.
    if (found.length === 0) return found;
    const named = new Set(items.flatMap(({ tags = [] }) => tags));
    const page = found.filter(({ event }) => event.position > after).slice(0, limit);
    return page.map(({ event, tags }) => ({ event, tags: tags.filter((tag) => named.has(tag)) }));
  }

  /** An event was appended: of the items that it may match nothing is known any more. */
  appended(event: Pick<StoredEvent, 'stream' | 'type'>, tags: readonly string[]): void {
    for (const name of this.#named(event, tags)) this.#byItem.delete(name);
  }

  *#named({ stream, type }: Pick<StoredEvent, 'stream' | 'type'>, tags: readonly string[]): Generator<string> {
    for (const subject of [`stream ${stream}`, ...tags.map((tag) => `tag ${tag}`), `type ${type}`, 'any'])
      yield* this.#bySubject.get(subject) ?? [];
  }
}

/** A whole stream is what is asked for most. */
const nameOf = ({ stream, types, tags }: QueryItem): string =>
  stream !== undefined && !types && !tags ? `stream ${stream}` : JSON.stringify([stream, types, tags]);

function subjectsOf({ stream, types, tags: [tag] = [] }: QueryItem): readonly string[] {
  if (stream !== undefined) return [`stream ${stream}`];
  if (tag !== undefined) return [`tag ${tag}`];
  return types ? types.map((type) => `type ${type}`) : ['any'];
}

const isOf = ({ stream, types, tags: all = [] }: QueryItem, { event, tags }: TaggedEvent): boolean =>
  (stream === undefined || stream === event.stream) &&
  (types === undefined || types.includes(event.type)) &&
  all.every((tag) => tags.includes(tag));

/** Each event once, with the tags that any of the lists has it with, in the order of positions. */
function united(lists: readonly (readonly TaggedEvent[])[]): readonly TaggedEvent[] {
  const found = new Map<number, TaggedEvent>();
  for (const list of lists) for (const tagged of list) found.set(tagged.event.position, tagged);
  return [...found.values()].sort((a, b) => a.event.position - b.event.position);
}
