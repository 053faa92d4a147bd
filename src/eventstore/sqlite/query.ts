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

interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Reads events by query through statements that are prepared once for each shape of query. */
export class QueryReader {
  readonly #db: Database.Database;
  readonly #any: Database.Statement<[string]>;
  readonly #prepared = new LRUCache<string, Database.Statement<unknown[], EventRow>>({ max: 200 });

  constructor(db: Database.Database) {
    this.#db = db;
    this.#any = db.prepare('SELECT 1 FROM events WHERE stream = ? LIMIT 1');
  }

  read(query: Query, { after = 0, limit = limits.readEventsMax }: ReadOptions = {}): readonly EventRow[] {
    if (query !== 'all' && (query.length === 0 || this.#isNewStream(query))) return [];
    const { text, values } = selection(query, after);
    return this.#statement(`${text} LIMIT ?`).all(...values, limit);
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
  if (query === 'all') return { text: 'SELECT * FROM events WHERE position > ? ORDER BY position', values: [after] };
  const [only, ...more] = query.map((item) => itemSql(item, after));
  if (only && more.length === 0) {
    // Within a stream versions rise with positions, and its index has them in order: nothing is sorted.
    const order = query[0]?.stream === undefined ? 'position' : 'version';
    return { text: `SELECT * FROM events WHERE ${only.text} ORDER BY ${order}`, values: only.values };
  }
  const all = only ? [only, ...more] : [];
  const positions = all.map(({ text }) => `SELECT position FROM events WHERE ${text}`).join(' UNION ');
  return { text: `SELECT * FROM events WHERE position IN (${positions}) ORDER BY position`, values: all.flatMap(({ values }) => values) };
}

function itemSql({ stream, types, tags = [] }: QueryItem, after: number): Sql {
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
  if (types) {
    // A unary plus keeps SQLite from the index on types where a stream or tag says more.
    conditions.push(`${stream !== undefined || first !== undefined ? '+' : ''}type IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(types));
  }
  conditions.push(stream !== undefined ? '+position > ?' : 'position > ?');
  values.push(after);
  return { text: conditions.join(' AND '), values };
}
