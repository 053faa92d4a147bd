import type { SQL } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { assert, limits } from '#base';
import type { Column } from '../column.ts';
import { decoderOf } from '../encoding.ts';
import type { AnyRow, Table } from '../table.ts';
import { assertColumnName, sqlTypes } from './ddl.ts';
import { getTableColumns, integer, sql, sqliteTable, text } from './drizzle.ts';

/** A read table as SQLite has it. */
export interface SqlTable {
  readonly drizzle: SQLiteTable;
  readonly columns: Readonly<Record<string, SQLiteColumn>>;
  /** What a select reads, in the definition's order. */
  readonly selected: Readonly<Record<string, SQLiteColumn | SQL>>;
  readonly key: SQLiteColumn;
  /** Tells what a select of it gives: another definition of the same table may have fewer columns. */
  readonly shape: string;
  /** Makes a row of a select's values. */
  decode(values: readonly unknown[]): AnyRow;
}

// Named here: drizzle remembers the names of unnamed columns by table name, and would not know those of a second definition.
const builders = { text: (name: string) => text(name), integer: (name: string) => integer(name) };

/** Compiles a definition to a drizzle table of the given name. Do it once for a table: drizzle's builders are slow. */
export function compile(table: Table, name: string = table.name): SqlTable {
  const drizzle = sqliteTable(
    name,
    Object.fromEntries(Object.entries(table.columns).map(([column, spec]) => [column, columnBuilder(table, column, spec)])),
  );
  const columns: Readonly<Record<string, SQLiteColumn>> = getTableColumns(drizzle);
  const shape = [table.name, ...Object.keys(columns)].join();
  return { drizzle, columns, selected: columns, key: sqlColumn(columns, table.key), shape, decode: lazyRowDecoder(table) };
}

/** The same, where a select reads only the key and these columns, and of lists only short ones. */
export function selecting(table: Table, compiled: SqlTable, names: readonly string[]): SqlTable {
  const wanted = new Set([table.key, ...names]);
  const each = Object.entries(table.columns)
    .filter(([name]) => wanted.has(name))
    .map(([name, column]) => ({ name, isList: column.kind === 'list', decode: decoderOf(column), sql: sqlColumn(compiled.columns, name) }));
  return {
    ...compiled,
    selected: Object.fromEntries(each.map(({ name, isList, sql }) => [name, isList ? whereShort(sql) : sql])),
    shape: [table.name, 'of', ...each.map(({ name }) => name)].join(),
    decode: (values) => {
      const row: Record<string, unknown> = {};
      let at = 0;
      for (const { name, isList, decode } of each) {
        const stored = values[at++];
        if (stored !== null || !isList) row[name] = decode(stored);
      }
      return row;
    },
  };
}

/** SQLite knows the size of a text that it has not read. */
const whereShort = (list: SQLiteColumn): SQL =>
  sql`CASE WHEN octet_length(${list}) <= ${sql.raw(String(limits.listBesideBytesMax))} THEN ${list} END`;

function columnBuilder(table: Table, name: string, { kind, nullable }: Column) {
  assertColumnName(table, name);
  const builder = builders[sqlTypes[kind]](name);
  const column = nullable ? builder : builder.notNull();
  return name === table.key ? column.primaryKey() : column;
}

/** A compiled column by its name. */
export function sqlColumn(columns: SqlTable['columns'], name: string): SQLiteColumn {
  const column = columns[name];
  assert(column, `There is no column ${name}.`, 'Name a column of the read table.');
  return column;
}

/**
 * The same, but a list is parsed only when it is looked at, and then once: whoever reads pages and follows changes wants few of the lists. Such a
 * row is not for a projection: it cannot be frozen.
 */
function lazyRowDecoder({ columns }: Table): (values: readonly unknown[]) => AnyRow {
  const each = Object.entries(columns).map(([name, column]) => ({ name, isList: column.kind === 'list', decode: decoderOf(column) }));
  return (values) => {
    const row: Record<string, unknown> = {};
    for (const [at, { name, isList, decode }] of each.entries()) {
      if (isList) decodeLater(row, name, () => decode(values[at]));
      else row[name] = decode(values[at]);
    }
    return row;
  };
}

function decodeLater(row: object, name: string, decode: () => unknown): void {
  const get = () => {
    const value = decode();
    Object.defineProperty(row, name, { value, enumerable: true });
    return value;
  };
  Object.defineProperty(row, name, { get, enumerable: true, configurable: true });
}
