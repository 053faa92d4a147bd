import type { Column } from '../column.ts';
import type { Stored } from '../encoding.ts';
import { assertColumnName } from '../names.ts';
import type { Condition } from '../read.ts';
import type { Dialect, DialectTable } from '../sql/dialect.ts';
import { getTableColumns, sql } from '../sql/drizzle.ts';
import type { Table } from '../table.ts';
import { comparedAs, sqlTypes } from './ddl.ts';
import { bigint, integer, pgSchema, QueryBuilder, smallint, text } from './drizzle.ts';
import { hasNul, soughtFor } from './nul.ts';

const builder = new QueryBuilder();
const builders = {
  text: (name: string) => text(name),
  integer: (name: string) => integer(name),
  bigint: (name: string) => bigint(name, { mode: 'number' }),
  smallint: (name: string) => smallint(name),
};

/** Reads of the read tables in one schema of PostgreSQL, which is given unquoted. A list of values is an array. */
export const postgresDialect = (schema: string): Dialect => ({
  compile: (table) => compiled(table, schema),
  value: (column, name) => sql`${sql.placeholder(name)}${sql.raw(`::${comparedAs(column)}`)}`,
  isIn: (sqlColumn, column, name) => sql`${sqlColumn} = ANY(${sql.placeholder(name)}${sql.raw(`::${comparedAs(column)}[]`)})`,
  // In the collation "C" only ASCII letters have another case.
  contains: (column, name) => sql`lower(${column}::text COLLATE "C") LIKE ${sql.placeholder(name)}::text`,
  pattern: (escaped) => `%${escaped.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}%`,
  list: (values) => values.filter((value) => !hasNul(value)),
  sought,
});

/** A text that cannot be stored equals none; in the order it stands where its beginning, with the least letter that can be, would stand. */
function sought(is: Condition['is'], value: Stored): Stored {
  const isBound = is === 'atLeast' || is === 'below';
  return isBound && typeof value === 'string' && hasNul(value) ? `${value.slice(0, value.indexOf('\0'))}\u0001` : soughtFor(value);
}

function compiled(table: Table, schema: string): DialectTable {
  const drizzle = pgSchema(schema).table(
    table.name,
    Object.fromEntries(Object.entries(table.columns).map(([name, column]) => [name, columnBuilder(table, name, column)])),
  );
  return {
    columns: getTableColumns(drizzle),
    select: (selected) =>
      builder
        .select({ ...selected })
        .from(drizzle)
        .$dynamic(),
  };
}

function columnBuilder(table: Table, name: string, { kind, nullable }: Column) {
  assertColumnName(table, name);
  const column = builders[sqlTypes[kind]](name);
  return nullable ? column : column.notNull();
}
