import type { SQL } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { assert, limits } from '#base';
import type { Place } from '../cursor.ts';
import type { Stored } from '../encoding.ts';
import type { Condition, PageRequest, Selection } from '../read.ts';
import { type AnyRow, columnOf, type Table } from '../table.ts';
import { compile, type SqlTable, selecting, sqlColumn } from './compile.ts';
import { type Bindings, conditionsSql, conditionValues, shapeOf } from './conditions.ts';
import type { Dialect, Query } from './dialect.ts';
import { and, asc, desc, sql } from './drizzle.ts';

/** A select, to be built and prepared once for its shape, and its values. */
export interface Select {
  /** What its text depends on. */
  readonly shape: string;
  build(): Query;
  readonly bindings: Bindings;
  /** Makes a row of what it gives. */
  decode(values: readonly unknown[]): AnyRow;
}

/** Which side of a place, in the selection's order. */
export type Side = 'after' | 'before';

/** The selects of read tables, in one dialect. */
export class Selects {
  readonly #dialect: Dialect;
  readonly #compiled = new WeakMap<Table, SqlTable>();
  readonly #selecting = new LRUCache<string, SqlTable>({ max: limits.statementsCachedMax });

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The row at a key. */
  row(table: Table, key: string): Select {
    const compiled = this.#compile(table);
    const wanted = () => sql`${compiled.key} = ${this.#dialect.value(columnOf(table, table.key), 'key')}`;
    return {
      shape: shape(compiled.shape, 'row'),
      build: () => compiled.select(compiled.selected).where(wanted()),
      bindings: { key: this.#dialect.sought('equal', key) },
      decode: compiled.decode,
    };
  }

  /** The rows at some keys, in no order. */
  rows(table: Table, keys: readonly string[]): Select {
    const compiled = this.#compile(table);
    const wanted = () => this.#dialect.isIn(compiled.key, columnOf(table, table.key), 'keys');
    return {
      shape: shape(compiled.shape, 'rows'),
      build: () => compiled.select(compiled.selected).where(wanted()),
      bindings: { keys: this.#dialect.list(keys) },
      decode: compiled.decode,
    };
  }

  /** How many rows there are, as the first value. */
  count(table: Table, conditions: readonly Condition[]): Select {
    const compiled = this.#compile(table);
    return {
      shape: shape(table.name, 'count', shapeOf(conditions)),
      build: () => compiled.select({ count: sql`count(*)` }).where(this.#conditions(table, compiled, conditions)),
      bindings: conditionValues(this.#dialect, table, conditions),
      decode: compiled.decode,
    };
  }

  /** The rows between two places, nearest first to the end that the page counts from; at most `count`. */
  page(table: Table, request: PageRequest, after: Place | undefined, before: Place | undefined): Select {
    const { conditions, orderBy, fromEnd, descending, count } = request;
    const compiled = this.#selectingOf(table, request.columns && [...request.columns, orderBy]);
    const direction = descending === fromEnd ? asc : desc;
    return {
      shape: shape(compiled.shape, 'page', shapeOf(conditions), orderBy, String([descending, fromEnd, !!after, !!before])),
      build: () => {
        const bounds = [
          after && this.#beyond(table, compiled, request, 'after'),
          before && this.#beyond(table, compiled, request, 'before'),
        ];
        return compiled
          .select(compiled.selected)
          .where(and(this.#conditions(table, compiled, conditions), ...bounds))
          .orderBy(...orderColumns(table, request).map((name) => direction(sqlColumn(compiled.columns, name))))
          .limit(sql.placeholder('count'));
      },
      bindings: {
        ...conditionValues(this.#dialect, table, conditions),
        ...placeValues('after', after),
        ...placeValues('before', before),
        count,
      },
      decode: compiled.decode,
    };
  }

  /** One value where the selection has a row at the place or on that side of it, else none. */
  any(table: Table, selection: Selection, side: Side, place: Place): Select {
    const compiled = this.#compile(table);
    const { conditions, orderBy, descending } = selection;
    return {
      shape: shape(table.name, 'any', shapeOf(conditions), orderBy, String(descending), side),
      build: () =>
        compiled
          .select({ found: sql`1` })
          .where(and(this.#conditions(table, compiled, conditions), this.#beyond(table, compiled, selection, side, '=')))
          .limit(sql.placeholder('count')),
      bindings: { ...conditionValues(this.#dialect, table, conditions), ...placeValues(side, place), count: 1 },
      decode: compiled.decode,
    };
  }

  /** Makes a row of a table's values, in the order of its columns. */
  decoder(table: Table): (values: readonly unknown[]) => AnyRow {
    return this.#compile(table).decode;
  }

  #conditions(table: Table, compiled: SqlTable, conditions: readonly Condition[]): SQL | undefined {
    return conditionsSql(this.#dialect, table, compiled, conditions);
  }

  /** The rows on one side of a place, as a comparison of row values: a database follows an index by it. */
  #beyond(table: Table, { columns }: SqlTable, selection: Selection, side: Side, orAt: '' | '=' = ''): SQL {
    const sign = sql.raw(`${(side === 'after') === selection.descending ? '<' : '>'}${orAt}`);
    const names = orderColumns(table, selection);
    const values = names.map((name) => this.#dialect.value(columnOf(table, name), name === table.key ? `${side}Key` : `${side}Value`));
    return sql`${tuple(names.map((name) => sql`${sqlColumn(columns, name)}`))} ${sign} ${tuple(values)}`;
  }

  #compile(table: Table): SqlTable {
    const known = this.#compiled.get(table) ?? compile(this.#dialect, table);
    this.#compiled.set(table, known);
    return known;
  }

  /** Each choice of columns is compiled once. */
  #selectingOf(table: Table, columns: readonly string[] | undefined): SqlTable {
    const compiled = this.#compile(table);
    if (!columns) return compiled;
    const name = [compiled.shape, ...columns].join('\n');
    const known = this.#selecting.get(name) ?? selecting(table, compiled, columns);
    this.#selecting.set(name, known);
    return known;
  }
}

const shape = (...parts: readonly string[]) => parts.join('\n');

/** The key breaks ties: the order is total. */
function orderColumns(table: Table, { orderBy }: Pick<Selection, 'orderBy'>): readonly string[] {
  assert(
    !columnOf(table, orderBy).nullable,
    `${table.name} cannot be ordered by ${orderBy}, which may be null.`,
    'Order by a column that is never null.',
  );
  return orderBy === table.key ? [orderBy] : [orderBy, table.key];
}

const tuple = (parts: readonly SQL[]): SQL => sql`(${sql.join([...parts], sql`, `)})`;

const placeValues = (side: Side, place: Place | undefined): Readonly<Record<string, Stored>> =>
  place ? { [`${side}Value`]: place.value, [`${side}Key`]: place.key } : {};
