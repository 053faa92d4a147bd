import type { SQL, Column as SqlColumn } from 'drizzle-orm';
import { assert, limits } from '#base';
import { decoderOf } from '../encoding.ts';
import type { AnyRow, Table } from '../table.ts';
import type { Dialect, DialectTable } from './dialect.ts';
import { sql } from './drizzle.ts';

/** A read table as a dialect has it. */
export interface SqlTable extends DialectTable {
  /** What a select reads, in the definition's order. */
  readonly selected: Readonly<Record<string, SQL>>;
  readonly key: SqlColumn;
  /** Tells what a select of it gives: another definition of the same table may have fewer columns. */
  readonly shape: string;
  /** Makes a row of a select's values. */
  decode(values: readonly unknown[]): AnyRow;
}

/** Compiles a definition. Do it once for a table: drizzle's builders are slow. */
export function compile(dialect: Dialect, table: Table): SqlTable {
  const compiled = dialect.compile(table);
  const names = Object.keys(table.columns);
  return {
    ...compiled,
    selected: Object.fromEntries(names.map((name) => [name, sql`${sqlColumn(compiled.columns, name)}`])),
    key: sqlColumn(compiled.columns, table.key),
    shape: [table.name, ...names].join(),
    decode: lazyRowDecoder(table),
  };
}

/** The same, where a select reads only the key and these columns, and of lists only short ones. */
export function selecting(table: Table, compiled: SqlTable, names: readonly string[]): SqlTable {
  const wanted = new Set([table.key, ...names]);
  const each = Object.entries(table.columns)
    .filter(([name]) => wanted.has(name))
    .map(([name, column]) => ({ name, isList: column.kind === 'list', decode: decoderOf(column), sql: sqlColumn(compiled.columns, name) }));
  return {
    ...compiled,
    selected: Object.fromEntries(each.map(({ name, isList, sql: column }) => [name, isList ? whereShort(column) : sql`${column}`])),
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

/** A database knows the size of a text that it has not read. */
const whereShort = (list: SqlColumn): SQL =>
  sql`CASE WHEN octet_length(${list}) <= ${sql.raw(String(limits.listBesideBytesMax))} THEN ${list} END`;

/** A compiled column by its name. */
export function sqlColumn(columns: SqlTable['columns'], name: string): SqlColumn {
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
