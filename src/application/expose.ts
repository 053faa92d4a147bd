import type { AnyDecider } from '#decider';
import type { Projection } from '#projector';
import type { Table } from '#readtable';

type ColumnOf<T extends Table> = keyof T['columns'] & string;

/** A query for one row by a column that names it: the key, or another with at most one row a value. */
export interface Lookup<T extends Table = Table> {
  readonly by: ColumnOf<T>;
  /** The argument's name; left out: the column's. */
  readonly argument?: string;
  /** Made of the argument before it is looked up, where the column keeps it in another form. */
  readonly normalise?: (argument: string) => string;
  readonly description?: string;
}

/** A filter's field: which column, and how it is compared. `in` takes a list; `atLeast` and `below` bound a range. */
interface FilterField<T extends Table = Table> {
  readonly column: ColumnOf<T>;
  readonly is: 'equal' | 'in' | 'atLeast' | 'below';
  readonly description?: string;
}

/** A query for many rows: a Relay connection, paged by keyset. */
interface ListSpec<T extends Table = Table> {
  /** The query's field: `orders`. */
  readonly field: string;
  /** Fields of `OrderFilter`. Left out: no filter argument. */
  readonly filter?: Readonly<Record<string, FilterField<T>>>;
  /** Columns that a `search` argument looks into. Left out: no search argument. */
  readonly search?: readonly ColumnOf<T>[];
  /** Values of the enum `OrderOrderField`, and their columns; the first is the order where none is asked for. Left out: by key, no argument. */
  readonly orderBy?: Readonly<Record<string, ColumnOf<T>>>;
  readonly description?: string;
}

/** A field that leads to rows of another exposed table. */
export type Relation<Column extends string = string> =
  | { readonly one: string; readonly by: Column; readonly nullable?: boolean; readonly description?: string }
  | { readonly many: string; readonly by: string; readonly description?: string };

/** How a projection's rows appear in the API. */
export interface ExposeSpec<T extends Table = Table> {
  /** The GraphQL type's name: `Order`. */
  readonly type: string;
  /** Whose aggregates the rows are, key for id: its commands answer `OrderAccepted { order }`, and the rows have a `history`. */
  readonly aggregate?: AnyDecider;
  /** Queries for one row, by the field's name. */
  readonly one?: Readonly<Record<string, Lookup<T>>>;
  readonly list?: ListSpec<T>;
  /** Fields that lead to other types: `one` by a column of this table, `many` by a column of the other. */
  readonly relations?: Readonly<Record<string, Relation<ColumnOf<T>>>>;
  /** The same for the entries of `list` columns, by their type's name. */
  readonly entries?: Readonly<Record<string, Readonly<Record<string, Relation>>>>;
  /**
   * True: subscriptions `orderChanged` (one row) and, where there is a list, `ordersChanged` (by its filter). Where both
   * names are the same, one field does both, its key left out for all rows.
   */
  readonly live?: boolean;
}

/** An exposed projection. */
export interface Exposure {
  readonly projection: Projection;
  readonly spec: ExposeSpec;
}

/** Shows a projection's rows in the API; queries, pages, relations and live streams follow from it, no resolver is written. */
export function expose<T extends Table>(projection: Projection<T>, spec: ExposeSpec<T>): Exposure {
  // Column names were held to the table's above; from here on they are plain text.
  return { projection, spec: spec as ExposeSpec };
}
