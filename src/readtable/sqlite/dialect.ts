import type { Column } from '../column.ts';
import { assertColumnName } from '../names.ts';
import type { Dialect, DialectTable } from '../sql/dialect.ts';
import { getTableColumns, sql } from '../sql/drizzle.ts';
import type { Table } from '../table.ts';
import { sqlTypes } from './ddl.ts';
import { integer, QueryBuilder, sqliteTable, text } from './drizzle.ts';

const builder = new QueryBuilder();
// Named here: drizzle remembers the names of unnamed columns by table name, and would not know those of a second definition.
const builders = { text: (name: string) => text(name), integer: (name: string) => integer(name) };

/** Reads in SQLite. A list of values is one value: JSON. */
export const sqliteDialect: Dialect = {
  compile: compiled,
  value: (_, name) => sql`${sql.placeholder(name)}`,
  isIn: (column, _, name) => sql`${column} IN (SELECT value FROM json_each(${sql.placeholder(name)}))`,
  contains: (column, name) => sql`${column} LIKE ${sql.placeholder(name)} ESCAPE '\\'`,
  pattern: (escaped) => `%${escaped}%`,
  list: (values) => JSON.stringify(values),
  sought: (_, value) => value,
};

function compiled(table: Table): DialectTable {
  const drizzle = sqliteTable(
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
