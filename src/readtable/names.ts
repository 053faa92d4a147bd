import { assert } from '#base';
import type { Table } from './table.ts';

/** Names go into SQL, and into the names of indexes: letters, digits and underscores. */
export function assertColumnName(table: Table, name: string): void {
  assert(
    /^[A-Za-z][A-Za-z0-9_]*$/.test(name),
    `The column's name ${JSON.stringify(name)} in ${table.name} is not letters, digits and underscores.`,
  );
}

/** A name in SQL. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The name of the table that a rebuild fills, beside the one that stands. Definitions cannot take it: their names have no `__`. */
export const nextTable = (table: Pick<Table, 'name'>): string => `${table.name}__next`;
