import type { Query, QueryItem } from './port.ts';

/** What of an event a query looks at. */
interface Subject {
  readonly stream: string;
  readonly type: string;
  readonly tags: readonly string[];
}

/** True where an event matches a query: in memory what an adapter's query asks of its store. */
export function matches(query: Query, event: Subject): boolean {
  return query === 'all' || query.some((item) => fits(item, event));
}

function fits({ stream, types, tags = [] }: QueryItem, event: Subject): boolean {
  return (
    (stream === undefined || stream === event.stream) &&
    (types === undefined || types.includes(event.type)) &&
    tags.every((tag) => event.tags.includes(tag))
  );
}
