import { assert } from '#base';
import type { Column, Columns, RowOf } from './column.ts';
import { assertNames } from './names.ts';

/** A row whose columns are not known by type. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** What can be asked: a denormalised table, kept by one projection, defined once for every dialect. Disposable: the log rebuilds it. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly description: string;
  readonly columns: C;
  /** The column that names a row: an `id` or `text`. */
  readonly key: string;
  readonly indexes: readonly (readonly string[])[];
}

/** What else a table says of itself. */
export interface TableOptions<C extends Columns> {
  readonly key: keyof C & string;
  /** One sentence for the API's reader. */
  readonly description?: string;
  /** Columns that are filtered and ordered by, together. The key is always the last of an index: pages need it. */
  readonly indexes?: readonly (readonly (keyof C & string)[])[];
}

/**
 * Declares a read table.
 *
 * @param name its name in SQL: lower case, digits and underscores
 */
export function table<const C extends Columns>(
  name: string,
  columns: C,
  { key, description = '', indexes = [] }: TableOptions<C>,
): Table<C> {
  assert(
    /^[a-z][a-z0-9_]*$/.test(name) && !name.includes('__'),
    `The read table's name ${JSON.stringify(name)} is not lower case, digits and single underscores.`,
  );
  assertNames({ name }, Object.keys(columns), indexes);
  const kind = columns[key]?.kind;
  assert(kind === 'id' || kind === 'text', `The key ${key} of ${name} is no id or text.`, 'Name a column made by id() or text().');
  return { name, description, columns, key, indexes };
}

/** A row of a table. */
export type Row<T extends Table> = RowOf<T['columns']>;

/** The key of a row. */
export function keyOf(table: Table, row: AnyRow): string {
  const key = row[table.key];
  if (typeof key === 'string' && key !== '') return key;
  assert(false, `A row of ${table.name} has no ${table.key}.`);
}

/** A column by its name. That there is none is a bug. */
export function columnOf(table: Table, name: string): Column {
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  assert(column, `${table.name} has no column ${name}.`, 'Name a column of the read table.');
  return column;
}
