import { inspect } from 'node:util';
import { assert, type Decimal } from '#base';

/** What a column's values are: it decides their form in SQL and their type in GraphQL. */
export type Kind = 'id' | 'text' | 'int' | 'decimal' | 'instant' | 'boolean' | 'oneOf' | 'list';

/** One column of a read table. `Value` is what a row holds in memory. */
export interface Column<Value = unknown> {
  readonly kind: Kind;
  readonly description: string;
  readonly nullable: boolean;
  /** Kept and filtered by, but not shown in the API. */
  readonly hidden: boolean;
  /** Of `oneOf`: the values, in order. Of `oneOf` and `list`: the GraphQL type's name. */
  readonly values?: readonly string[];
  readonly typeName?: string;
  /** Of `list`: the fields of one entry. */
  readonly fields?: Columns;
  /** For inference only: never set. */
  readonly value?: Value | undefined;
}

/** The columns of a table, or the fields of a list's entry, by name. */
export type Columns = Readonly<Record<string, Column>>;

/** The value of each column. */
export type RowOf<C extends Columns> = { readonly [K in keyof C]: C[K] extends Column<infer Value> ? Value : never };

const column = <Value>(kind: Kind, description: string, more: Partial<Omit<Column, 'value'>> = {}): Column<Value> => ({
  kind,
  description,
  nullable: false,
  hidden: false,
  ...more,
});

/** An identifier; GraphQL `ID`. */
export const id = (description = ''): Column<string> => column('id', description);
/** A text; GraphQL `String`. */
export const text = (description = ''): Column<string> => column('text', description);
/** A whole number of 32 bits; GraphQL `Int`. */
export const int = (description = ''): Column<number> => column('int', description);
/** An exact decimal number; GraphQL `Decimal`. */
export const decimal = (description = ''): Column<Decimal> => column('decimal', description);
/** A moment, to the millisecond; GraphQL `DateTime`. */
export const instant = (description = ''): Column<Date> => column('instant', description);
/** True or false; GraphQL `Boolean`. */
export const boolean = (description = ''): Column<boolean> => column('boolean', description);

/** One of some names; a GraphQL enum of that name. */
export const oneOf = <const V extends string>(typeName: string, values: readonly V[], description = ''): Column<V> =>
  column('oneOf', description, { typeName, values });

/** A list of entries kept with their row; a GraphQL object type of that name. */
export const list = <const C extends Columns>(typeName: string, fields: C, description = ''): Column<readonly RowOf<C>[]> =>
  column('list', description, { typeName, fields });

/** The same column, where null is a value too. */
export const optional = <Value>(of: Column<Value>): Column<Value | null> => ({ ...of, nullable: true }) as Column<Value | null>;

/** The same column, kept out of the API. */
export const hidden = <Value>(of: Column<Value>): Column<Value> => ({ ...of, hidden: true });

const fits: Readonly<Record<Kind, (value: unknown, column: Column) => boolean>> = {
  // A lone surrogate has no UTF-8: stored, it would silently become another text.
  id: (value) => typeof value === 'string' && value !== '' && value.isWellFormed(),
  text: (value) => typeof value === 'string' && value.isWellFormed(),
  int: (value) => Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 - 1,
  decimal: (value) => Number.isSafeInteger(value),
  instant: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  boolean: (value) => typeof value === 'boolean',
  oneOf: (value, { values }) => typeof value === 'string' && values?.includes(value) === true,
  list: (value, { fields = {} }) =>
    Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null && unfit(fields, entry) === undefined),
};

/** The first name at which a row and its columns differ. What stands in it as it did in the row before is known to fit. */
function unfit(columns: Columns, row: Readonly<Record<string, unknown>>, before?: Readonly<Record<string, unknown>>): string | undefined {
  let count = 0;
  for (const name in columns) {
    count += 1;
    const value = row[name];
    if (before !== undefined && value !== undefined && before[name] === value) continue;
    if (!isOf(columns[name], value)) return name;
  }
  for (const _ in row) count -= 1;
  // All columns are there: were there as many values, none is too many.
  return count === 0 ? undefined : Object.keys(row).find((name) => !Object.hasOwn(columns, name));
}

function isOf(column: Column | undefined, value: unknown): boolean {
  return column !== undefined && (value === null ? column.nullable : fits[column.kind](value, column));
}

/**
 * Holds a row to its columns, before it is written: every column there, none more, each of its kind.
 *
 * @param before the row that it was made of, which was held to them already: only what differs is looked at
 */
export function assertRow(
  table: string,
  columns: Columns,
  row: Readonly<Record<string, unknown>>,
  before?: Readonly<Record<string, unknown>>,
): void {
  const name = unfit(columns, row, before);
  if (name === undefined) return;
  assert(
    Object.hasOwn(columns, name),
    `A row of ${table} has a value for ${name}, which is no column.`,
    'Add the column to the read table, or leave the value out.',
  );
  const value = inspect(row[name], { depth: 2, maxArrayLength: 3, maxStringLength: 40, breakLength: Number.POSITIVE_INFINITY });
  assert(
    false,
    `A row of ${table} has no fit value for ${name}: ${value}.`,
    `Its projection must give a value of kind ${columns[name]?.kind}.`,
  );
}
