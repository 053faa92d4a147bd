import type { Database } from 'better-sqlite3';
import type { SQL } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { assert, limits, type Position } from '#base';
import { type Place, placeOf } from '../cursor.ts';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import type { Condition, Page, PageRequest, Selection } from '../read.ts';
import { type AnyRow, columnOf, keyOf, type Table } from '../table.ts';
import { ChangesReader } from './changes.ts';
import { compile, type SqlTable, selecting, sqlColumn } from './compile.ts';
import { conditionsSql, conditionValues, shapeOf, simplified } from './conditions.ts';
import { and, asc, desc, eq, QueryBuilder, sql } from './drizzle.ts';
import { type Bindings, Prepared, type Query } from './prepared.ts';

/** Which side of a place, in the selection's order. */
type Side = 'after' | 'before';

const builder = new QueryBuilder();

/** The reads of one connection, each shape of query prepared once. It knows nothing of transactions but how to read in one. */
export class Reader {
  readonly #db: Database;
  readonly #compiled = new WeakMap<Table, SqlTable>();
  readonly #selecting = new LRUCache<string, SqlTable>({ max: limits.statementsCachedMax });
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
    const compiled = this.#compile(table);
    const values = this.#prepare([compiled.shape, 'row'], () => select(compiled).where(eq(compiled.key, sql.placeholder('key')))).get({
      key,
    });
    return values && compiled.decode(values);
  }

  rows(table: Table, keys: readonly string[]): readonly (AnyRow | undefined)[] {
    const [only, ...more] = keys;
    if (only !== undefined && more.length === 0) return [this.row(table, only)];
    const compiled = this.#compile(table);
    const statement = this.#prepare([compiled.shape, 'rows'], () =>
      select(compiled).where(sql`${compiled.key} IN (SELECT value FROM json_each(${sql.placeholder('keys')}))`),
    );
    const found = statement.all({ keys: JSON.stringify(keys) }).map(compiled.decode);
    const byKey = new Map(found.map((row) => [keyOf(table, row), row]));
    return keys.map((key) => byKey.get(key));
  }

  count(table: Table, asked: readonly Condition[]): number {
    const compiled = this.#compile(table);
    const conditions = simplified(asked);
    const statement = this.#prepare([table.name, 'count', shapeOf(conditions)], () =>
      builder.select({ count: sql`count(*)` }).from(compiled.drizzle).where(conditionsSql(compiled, conditions)),
    );
    return Number(statement.get(conditionValues(table, conditions))?.[0]);
  }

  page(table: Table, asked: PageRequest): Page {
    const request = { ...asked, conditions: simplified(asked.conditions) };
    assert(
      !columnOf(table, request.orderBy).nullable,
      `${table.name} cannot be ordered by ${request.orderBy}, which may be null.`,
      'Order by a column that is never null.',
    );
    const { count, fromEnd } = request;
    const after = request.after === undefined ? undefined : placeOf(table, request, request.after);
    const before = request.before === undefined ? undefined : placeOf(table, request, request.before);
    // One row more than asked for tells whether there are more on the far side.
    const found = this.#pageRows(table, { ...request, count: count + 1 }, after, before);
    const more = found.length > count;
    const rows = found.slice(0, count);
    return {
      rows: fromEnd ? rows.reverse() : rows,
      hasNextPage: (more && !fromEnd) || (before !== undefined && this.#isAny(table, request, 'after', before)),
      hasPreviousPage: (more && fromEnd) || (after !== undefined && this.#isAny(table, request, 'before', after)),
    };
  }

  changes(table: Table, request: ChangesRequest): JournalPage | undefined {
    const { decode } = this.#compile(table);
    return this.#changes.changes({ name: table.name, decode, rows: (keys) => this.rows(table, keys) }, request);
  }

  /** The rows between two places, nearest first to the end that the page counts from. */
  #pageRows(table: Table, request: PageRequest, after: Place | undefined, before: Place | undefined): AnyRow[] {
    const { conditions, orderBy, fromEnd, descending, count } = request;
    const compiled = this.#select(table, request.columns && [...request.columns, orderBy]);
    const shape = [
      compiled.shape,
      'page',
      shapeOf(conditions),
      orderBy,
      String(descending),
      String(fromEnd),
      String(!!after),
      String(!!before),
    ];
    const statement = this.#prepare(shape, () => {
      const direction = descending === fromEnd ? asc : desc;
      const bounds = [after && beyond(compiled, request, 'after'), before && beyond(compiled, request, 'before')];
      return select(compiled)
        .where(and(conditionsSql(compiled, conditions), ...bounds))
        .orderBy(...orderColumns(compiled, request).map((column) => direction(column)))
        .limit(sql.placeholder('count'));
    });
    return statement
      .all({ ...conditionValues(table, conditions), ...placeValues('after', after), ...placeValues('before', before), count })
      .map(compiled.decode);
  }

  /** True where the selection has a row at the place or on that side of it. */
  #isAny(table: Table, selection: Selection, side: Side, place: Place): boolean {
    const compiled = this.#compile(table);
    const { conditions, orderBy, descending } = selection;
    const statement = this.#prepare([table.name, 'any', shapeOf(conditions), orderBy, String(descending), side], () =>
      builder
        .select({ found: sql`1` })
        .from(compiled.drizzle)
        .where(and(conditionsSql(compiled, conditions), beyond(compiled, selection, side, '=')))
        .limit(sql.placeholder('count')),
    );
    return statement.get({ ...conditionValues(table, conditions), ...placeValues(side, place), count: 1 }) !== undefined;
  }

  #compile(table: Table): SqlTable {
    const known = this.#compiled.get(table) ?? compile(table);
    this.#compiled.set(table, known);
    return known;
  }

  /** Each choice of columns is compiled once. */
  #select(table: Table, columns: readonly string[] | undefined): SqlTable {
    const compiled = this.#compile(table);
    if (!columns) return compiled;
    const name = [compiled.shape, ...columns].join('\n');
    const known = this.#selecting.get(name) ?? selecting(table, compiled, columns);
    this.#selecting.set(name, known);
    return known;
  }

  #prepare(shape: readonly string[], query: () => Query): Prepared {
    const name = shape.join('\n');
    const known = this.#prepared.get(name);
    if (known) return known;
    const prepared = new Prepared(this.#db, query());
    this.#prepared.set(name, prepared);
    return prepared;
  }
}

const select = ({ selected, drizzle }: SqlTable) => builder.select({ ...selected }).from(drizzle);

/** The key breaks ties: the order is total. */
const orderColumns = ({ columns, key }: SqlTable, { orderBy }: Pick<Selection, 'orderBy'>) =>
  orderBy === key.name ? [key] : [sqlColumn(columns, orderBy), key];

/** The rows on one side of a place, as a comparison of row values: SQLite follows an index by it. */
function beyond(compiled: SqlTable, { orderBy, descending }: Selection, side: Side, orAt: '' | '=' = ''): SQL {
  const sign = sql.raw(`${(side === 'after') === descending ? '<' : '>'}${orAt}`);
  const columns = orderColumns(compiled, { orderBy });
  const values = columns.length === 1 ? [`${side}Key`] : [`${side}Value`, `${side}Key`];
  return sql`${tuple(columns)} ${sign} ${tuple(values.map((name) => sql.placeholder(name)))}`;
}

const tuple = (parts: readonly (SqlTable['key'] | ReturnType<typeof sql.placeholder>)[]): SQL => sql`(${sql.join([...parts], sql`, `)})`;

const placeValues = (side: Side, place: Place | undefined): Bindings =>
  place ? { [`${side}Value`]: place.value, [`${side}Key`]: place.key } : {};
