import { fingerprint } from '#base';
import type { Column, Columns } from './column.ts';
import type { Table } from './table.ts';

/** Raise it where the stored form of any kind or table changes: every read table is then rebuilt. */
const storedForm = 2;

/**
 * Names what a read table's rows depend on: what is kept, and the text of the projection that keeps it. Where it differs
 * from the one that the table was built by, the table is rebuilt (P7). Descriptions and API names do not count.
 */
export function tableHash(table: Table, source: string): string {
  const { name, columns, key, indexes } = table;
  return fingerprint(JSON.stringify([storedForm, name, shapes(columns), key, indexes, source]));
}

const shapes = (columns: Columns): unknown => Object.entries(columns).map(([name, column]) => [name, shape(column)]);

const shape = ({ kind, nullable, values = [], fields = {} }: Column): unknown => [kind, nullable, values, shapes(fields)];
