import { getTableColumns } from 'drizzle-orm';
import { integer, type SQLiteColumn, type SQLiteTable, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { assert } from '#base';
import type { Column, Kind } from '../column.ts';
import { decoderOf } from '../encoding.ts';
import type { AnyRow, Table } from '../table.ts';

/** A read table as SQLite has it. */
export interface SqlTable {
  readonly drizzle: SQLiteTable;
  /** In the definition's order: that of every select. */
  readonly columns: Readonly<Record<string, SQLiteColumn>>;
  readonly key: SQLiteColumn;
  /** Makes a row of a select's values. */
  decode(values: readonly unknown[]): AnyRow;
}

const sqlTypes: Readonly<Record<Kind, 'text' | 'integer'>> = {
  id: 'text',
  text: 'text',
  oneOf: 'text',
  list: 'text',
  int: 'integer',
  decimal: 'integer',
  instant: 'integer',
  boolean: 'integer',
};

const builders = { text: () => text(), integer: () => integer() };

/** Compiles a definition to a drizzle table of the given name. Do it once for a table: drizzle's builders are slow. */
export function compile(table: Table, name: string = table.name): SqlTable {
  const drizzle = sqliteTable(
    name,
    Object.fromEntries(Object.entries(table.columns).map(([column, spec]) => [column, columnBuilder(table, column, spec)])),
  );
  const columns: Readonly<Record<string, SQLiteColumn>> = getTableColumns(drizzle);
  return { drizzle, columns, key: sqlColumn(columns, table.key), decode: rowDecoder(table) };
}

function columnBuilder(table: Table, name: string, { kind, nullable }: Column) {
  assert(
    /^[A-Za-z][A-Za-z0-9_]*$/.test(name),
    `The column's name ${JSON.stringify(name)} in ${table.name} is not letters, digits and underscores.`,
  );
  const builder = builders[sqlTypes[kind]]();
  const column = nullable ? builder : builder.notNull();
  return name === table.key ? column.primaryKey() : column;
}

/** A compiled column by its name. */
export function sqlColumn(columns: SqlTable['columns'], name: string): SQLiteColumn {
  const column = columns[name];
  assert(column, `There is no column ${name}.`, 'Name a column of the read table.');
  return column;
}

/** Makes a row of stored values in the order of the definition's columns. */
export function rowDecoder(table: Table): (values: readonly unknown[]) => AnyRow {
  const each = Object.entries(table.columns).map(([name, column]) => [name, decoderOf(column)] as const);
  return (values) => {
    const row: Record<string, unknown> = {};
    let at = 0;
    for (const [name, decode] of each) row[name] = decode(values[at++]);
    return row;
  };
}
