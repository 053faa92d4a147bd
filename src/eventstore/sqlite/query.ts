import type Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { limits } from '#base';
import type { Query, QueryItem, ReadOptions } from '../port.ts';

/** A row of the table `events`. */
export interface EventRow {
  readonly position: number;
  readonly event_id: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly data: string;
  readonly metadata: string;
  readonly recorded_at: number;
}

/** The columns of an {@link EventRow}: all but the hash. */
export const eventColumns = 'position, event_id, stream, version, type, schema_version, data, metadata, recorded_at';

/** Parts of one union, of which SQLite takes 500 at most. */
const unionPartsMax = 400;

interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Reads events by query through statements that are prepared once for each shape of query. */
export class QueryReader {
  readonly #db: Database.Database;
  readonly #any: Database.Statement<[string]>;
  readonly #tags: Database.Statement<[string, number, number], [position: number, tag: string]>;
  readonly #prepared = new LRUCache<string, Database.Statement<unknown[], EventRow>>({ max: limits.statementsCachedMax });

  constructor(db: Database.Database) {
    this.#db = db;
    this.#any = db.prepare('SELECT 1 FROM events WHERE stream = ? LIMIT 1');
    this.#tags = db
      .prepare<[string, number, number], [number, string]>(
        'SELECT position, tag FROM event_tags WHERE tag IN (SELECT value FROM json_each(?)) AND position BETWEEN ? AND ?',
      )
      .raw();
  }

  read(query: Query, { after = 0, limit = limits.readEventsMax }: ReadOptions = {}): readonly EventRow[] {
    if (query !== 'all' && (query.length === 0 || this.#isNewStream(query))) return [];
    const { text, values } = selection(query, after);
    return this.#statement(`${text} LIMIT ?`).all(...values, limit);
  }

  /** Of each event that was found by the items: those of its tags that they name. */
  tagsOf(items: readonly QueryItem[], found: readonly EventRow[]): (row: EventRow) => readonly string[] {
    const [only, ...more] = items;
    // What was found by one item carries all of its tags.
    if (only && more.length === 0) return () => only.tags ?? [];
    const tags = new Map<number, string[]>(found.map(({ position }) => [position, []]));
    const named = JSON.stringify([...new Set(items.flatMap((item) => item.tags ?? []))]);
    for (const [position, tag] of this.#tags.all(named, found[0]?.position ?? 0, found.at(-1)?.position ?? 0))
      tags.get(position)?.push(tag);
    return ({ position }) => tags.get(position) ?? [];
  }

  /** A new aggregate's stream is empty: asking for that alone is ten times cheaper than an ordered read that finds nothing. */
  #isNewStream([item, ...more]: readonly QueryItem[]): boolean {
    return item?.stream !== undefined && more.length === 0 && this.#any.get(item.stream) === undefined;
  }

  #statement(text: string): Database.Statement<unknown[], EventRow> {
    const known = this.#prepared.get(text);
    if (known) return known;
    const statement = this.#db.prepare<unknown[], EventRow>(text);
    this.#prepared.set(text, statement);
    return statement;
  }
}

/** The SQL of a query, in the order of positions. Each item finds its events by the index that fits it best; several items are united. */
export function selection(query: Query, after: number): Sql {
  if (query === 'all') return { text: `SELECT ${eventColumns} FROM events WHERE position > ? ORDER BY position`, values: [after] };
  const [only, ...more] = together(query).map((item) => itemSql(item, after));
  if (only && more.length === 0) {
    // Within a stream versions rise with positions, and its index has them in order: nothing is sorted.
    const order = query.length === 1 && query[0]?.stream !== undefined ? 'version' : 'position';
    return { text: `SELECT ${eventColumns} FROM events WHERE ${only.text} ORDER BY ${order}`, values: only.values };
  }
  const all = only ? [only, ...more] : [];
  const parts = all.map(({ text }) => `SELECT position FROM events WHERE ${text}`);
  const unions = Array.from({ length: Math.ceil(parts.length / unionPartsMax) }, (_, i) =>
    parts.slice(i * unionPartsMax, (i + 1) * unionPartsMax),
  );
  const positions = unions.map((some) => `position IN (${some.join(' UNION ')})`).join(' OR ');
  return { text: `SELECT ${eventColumns} FROM events WHERE ${positions} ORDER BY position`, values: all.flatMap(({ values }) => values) };
}

/** An item of a query, or many that differ in their one tag, or their stream, alone. */
interface Item extends QueryItem {
  readonly anyOfTags?: readonly string[];
  readonly anyOfStreams?: readonly string[];
}

/** Puts items that differ in their one tag or their stream alone into one: a command may read of thousands, and a union of as many parts is slow. */
function together(query: readonly QueryItem[]): readonly Item[] {
  if (query.length === 1) return query;
  const lists = new Map<string, string[]>();
  const items: Item[] = [];
  for (const item of query) {
    const { stream, types, tags = [] } = item;
    const [one, ...more] = [...tags, ...(stream === undefined ? [] : [stream])];
    if (one === undefined || more.length > 0) {
      items.push(item);
      continue;
    }
    const list = stream === undefined ? 'anyOfTags' : 'anyOfStreams';
    const name = JSON.stringify([list, types]);
    const ones = lists.get(name) ?? [];
    if (ones.length === 0) items.push({ ...(types && { types }), [list]: ones });
    ones.push(one);
    lists.set(name, ones);
  }
  return items;
}

function itemSql({ stream, types, tags = [], anyOfTags, anyOfStreams }: Item, after: number): Sql {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const [first, ...others] = tags;
  if (stream !== undefined) {
    conditions.push('stream = ?');
    values.push(stream);
  }
  if (first !== undefined) {
    const carried = others.map(() => ' AND EXISTS (SELECT 1 FROM event_tags AS o WHERE o.tag = ? AND o.position = t.position)').join('');
    conditions.push(`position IN (SELECT t.position FROM event_tags AS t WHERE t.tag = ? AND t.position > ?${carried})`);
    values.push(first, after, ...others);
  }
  if (anyOfStreams) {
    conditions.push('stream IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(anyOfStreams));
  }
  if (anyOfTags) {
    conditions.push('position IN (SELECT position FROM event_tags WHERE tag IN (SELECT value FROM json_each(?)) AND position > ?)');
    values.push(JSON.stringify(anyOfTags), after);
  }
  const byStream = stream !== undefined || anyOfStreams !== undefined;
  if (types) {
    // A unary plus keeps SQLite from the index on types where a stream or tag says more.
    conditions.push(`${byStream || first !== undefined || anyOfTags ? '+' : ''}type IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(types));
  }
  conditions.push(byStream ? '+position > ?' : 'position > ?');
  values.push(after);
  return { text: conditions.join(' AND '), values };
}
