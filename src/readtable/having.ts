import { encode } from './encoding.ts';
import type { Equals } from './port.ts';
import { type AnyRow, columnOf, type Table } from './table.ts';

/** In memory what `where` asks of SQL: a test of rows for these values, by what is stored of them, so that moments and lists compare too. */
export function havingValues(table: Table, equals: Equals): (row: AnyRow) => boolean {
  const wanted = Object.entries(equals).map(
    ([name, value]) => [name, columnOf(table, name), encode(columnOf(table, name), value)] as const,
  );
  return (row) => wanted.every(([name, column, value]) => encode(column, row[name]) === value);
}
