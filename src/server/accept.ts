import { LRUCache } from 'lru-cache';
import { limits } from '#base';

/** The media types of a single result. */
export type JsonMedia = 'application/json' | 'application/graphql-response+json';

/** What a client takes: one of the JSON types, in its order of preference, and whether it takes a stream of events. */
export interface Acceptable {
  readonly json: JsonMedia | undefined;
  readonly events: boolean;
}

const jsonOf = new Map<string, JsonMedia>([
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/json', 'application/json'],
  ['application/*', 'application/json'],
  ['*/*', 'application/json'],
]);
const eventRanges = new Set(['text/event-stream', 'text/*', '*/*']);

/** Clients send one of a few headers with every request. */
const known = new LRUCache<string, Acceptable>({ max: limits.acceptsCachedMax });

/** Reads an `Accept` header; without one, anything goes. Ranges that want another charset than UTF-8 are passed over. */
export function acceptable(accept: string | null | undefined): Acceptable {
  const header = accept || '*/*';
  const before = known.get(header);
  if (before) return before;
  const ranges = rangesOf(header);
  const json = ranges.find((range) => jsonOf.has(range));
  const read = { json: json === undefined ? undefined : jsonOf.get(json), events: ranges.some((range) => eventRanges.has(range)) };
  if (header.length <= limits.acceptsCachedLengthMax) known.set(header, read);
  return read;
}

/** True where the client is a browser that wants to show a page. */
export function wantsPage(accept: string | null | undefined): boolean {
  return (accept ?? '').toLowerCase().includes('text/html');
}

function rangesOf(accept: string): string[] {
  return accept
    .toLowerCase()
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((word) => word.trim());
      const value = (name: string): string | undefined => parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
      const charset = value('charset') ?? 'utf-8';
      return { range, weight: charset.replaceAll('"', '') === 'utf-8' ? Number(value('q') ?? 1) : 0 };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ range }) => range);
}
