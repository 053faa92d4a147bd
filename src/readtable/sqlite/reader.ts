import type { Database } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { limits, type Position } from '#base';
import type { Place } from '../cursor.ts';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import type { Condition, Page, PageRequest } from '../read.ts';
import { simplified } from '../sql/conditions.ts';
import { pageOf, plannedPage } from '../sql/page.ts';
import { type Select, Selects, type Side } from '../sql/selects.ts';
import { type AnyRow, keyOf, type Table } from '../table.ts';
import { ChangesReader } from './changes.ts';
import { sqliteDialect } from './dialect.ts';
import { Prepared } from './prepared.ts';

/** The reads of one connection, each shape of query prepared once. It knows nothing of transactions but how to read in one. */
export class Reader {
  readonly #db: Database;
  readonly #selects = new Selects(sqliteDialect);
  readonly #prepared = new LRUCache<string, Prepared>({ max: limits.statementsCachedMax });
  readonly #position;
  readonly #changes;

  constructor(db: Database) {
    this.#db = db;
    this.#position = db.prepare<[], Position>('SELECT coalesce(max(position), 0) FROM events').pluck();
    this.#changes = new ChangesReader(db);
  }

  /** The log's last position: 0 where it is empty. */
  position(): Position {
    return this.#position.get() ?? 0;
  }

  row(table: Table, key: string): AnyRow | undefined {
    const select = this.#selects.row(table, key);
    const values = this.#prepare(select).get(select.bindings);
    return values && select.decode(values);
  }

  rows(table: Table, keys: readonly string[]): readonly (AnyRow | undefined)[] {
    const [only, ...more] = keys;
    if (only !== undefined && more.length === 0) return [this.row(table, only)];
    const byKey = new Map(this.#all(this.#selects.rows(table, keys)).map((row) => [keyOf(table, row), row]));
    return keys.map((key) => byKey.get(key));
  }

  count(table: Table, conditions: readonly Condition[]): number {
    const select = this.#selects.count(table, simplified(conditions));
    return Number(this.#prepare(select).get(select.bindings)?.[0]);
  }

  page(table: Table, asked: PageRequest): Page {
    const planned = plannedPage(table, asked);
    const { request, after, before } = planned;
    const isAny = (side: Side, place: Place | undefined) => {
      if (place === undefined) return false;
      const select = this.#selects.any(table, request, side, place);
      return this.#prepare(select).get(select.bindings) !== undefined;
    };
    return pageOf(planned, this.#all(this.#selects.page(table, request, after, before)), {
      after: () => isAny('after', before),
      before: () => isAny('before', after),
    });
  }

  changes(table: Table, request: ChangesRequest): JournalPage | undefined {
    const decode = this.#selects.decoder(table);
    return this.#changes.changes({ name: table.name, decode, rows: (keys) => this.rows(table, keys) }, request);
  }

  #all(select: Select): readonly AnyRow[] {
    return this.#prepare(select).all(select.bindings).map(select.decode);
  }

  #prepare({ shape, build }: Select): Prepared {
    const known = this.#prepared.get(shape);
    if (known) return known;
    const prepared = new Prepared(this.#db, build());
    this.#prepared.set(shape, prepared);
    return prepared;
  }
}
