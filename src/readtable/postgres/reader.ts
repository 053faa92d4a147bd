import { LRUCache } from 'lru-cache';
import { limits, type SqlReads, VarveError } from '#base';
import type { Place } from '../cursor.ts';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import type { Condition, Page, PageRequest } from '../read.ts';
import { Bound } from '../sql/bound.ts';
import { simplified } from '../sql/conditions.ts';
import { pageOf, plannedPage } from '../sql/page.ts';
import { type Select, Selects, type Side } from '../sql/selects.ts';
import { type AnyRow, keyOf, type Table } from '../table.ts';
import { readChanges } from './changes.ts';
import { postgresDialect } from './dialect.ts';
import { hasNul } from './nul.ts';

/** The texts of reads, by their shapes: built once for a schema, whichever connection they are sent by. */
export class ReaderTexts {
  readonly #selects = new Map<string, Selects>();
  readonly #bound = new LRUCache<string, Bound>({ max: limits.statementsCachedMax });

  selects({ schema }: SqlReads): Selects {
    const known = this.#selects.get(schema) ?? new Selects(postgresDialect(unquoted(schema)));
    this.#selects.set(schema, known);
    return known;
  }

  bound({ schema }: SqlReads, { shape, build }: Select): Bound {
    const name = `${schema}\n${shape}`;
    const known = this.#bound.get(name) ?? new Bound(build());
    this.#bound.set(name, known);
    return known;
  }
}

const unquoted = (name: string) => name.slice(1, -1).replaceAll('""', '"');

/** The reads of one moment. */
export class Reader {
  readonly #sql: SqlReads;
  readonly #texts: ReaderTexts;
  readonly #selects: Selects;
  readonly #assertOwn: (table: Table) => void;

  /** @param assertOwn throws where a table is not the one that the program knows */
  constructor(sql: SqlReads, texts: ReaderTexts, assertOwn: (table: Table) => void) {
    this.#sql = sql;
    this.#texts = texts;
    this.#selects = texts.selects(sql);
    this.#assertOwn = assertOwn;
  }

  async row(table: Table, key: string): Promise<AnyRow | undefined> {
    this.#assertOwn(table);
    const [row] = await this.#rows(this.#selects.row(table, key));
    return row;
  }

  async rows(table: Table, keys: readonly string[]): Promise<readonly (AnyRow | undefined)[]> {
    this.#assertOwn(table);
    if (keys.length === 0) return [];
    const byKey = new Map((await this.#rows(this.#selects.rows(table, keys))).map((row) => [keyOf(table, row), row]));
    return keys.map((key) => byKey.get(key));
  }

  async count(table: Table, conditions: readonly Condition[]): Promise<number> {
    this.#assertOwn(table);
    const [values] = await this.#read(this.#selects.count(table, simplified(conditions)));
    return Number(values?.[0]);
  }

  /** All that a page takes is asked for together. */
  async page(table: Table, asked: PageRequest): Promise<Page> {
    this.#assertOwn(table);
    const planned = plannedPage(table, asked);
    const { request, after, before } = planned;
    assertPlaces(after, before);
    const isAny = async (side: Side, place: Place | undefined) =>
      place !== undefined && (await this.#read(this.#selects.any(table, request, side, place))).length > 0;
    const [rows, hasAfter, hasBefore] = await Promise.all([
      this.#rows(this.#selects.page(table, request, after, before)),
      isAny('after', before),
      isAny('before', after),
    ]);
    return pageOf(planned, rows, { after: () => hasAfter, before: () => hasBefore });
  }

  async changes(table: Table, request: ChangesRequest): Promise<JournalPage | undefined> {
    this.#assertOwn(table);
    const decode = this.#selects.decoder(table);
    return readChanges(this.#sql, { name: table.name, decode, rows: (keys) => this.rows(table, keys) }, request);
  }

  async #rows(select: Select): Promise<readonly AnyRow[]> {
    return (await this.#read(select)).map((values) => select.decode(values));
  }

  #read(select: Select): Promise<readonly (readonly unknown[])[]> {
    const bound = this.#texts.bound(this.#sql, select);
    return this.#sql.read(bound.text, bound.values(select.bindings));
  }
}

/** No row of this database has such a value: no cursor was ever given with it. */
function assertPlaces(...places: readonly (Place | undefined)[]): void {
  if (!places.some((place) => place && (hasNul(place.value) || hasNul(place.key)))) return;
  throw new VarveError({
    code: 'BAD_CURSOR',
    message: 'The cursor is malformed.',
    hint: 'Send back a cursor as this list gave it, with the same orderBy; or leave it out to begin anew.',
  });
}
