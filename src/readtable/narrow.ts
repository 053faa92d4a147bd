import type { Column } from './column.ts';
import type { Table } from './table.ts';

const lean = new WeakMap<Table, Table>();

/** The same read table without its lists: a list may be far larger than all the rest of its row, and is then read with every row in vain. */
export function withoutLists(table: Table): Table {
  const known = lean.get(table) ?? narrowed(table, ({ kind }) => kind !== 'list');
  lean.set(table, known);
  return known;
}

/** The same read table with its key and one other column. */
export function onlyColumn(table: Table, name: string): Table {
  const column = table.columns[name];
  return narrowed(table, (one) => one === column);
}

/** The same read table with its key and those of its columns. */
export function onlyColumns(table: Table, names: ReadonlySet<string>): Table {
  return narrowed(table, (_, name) => names.has(name));
}

function narrowed(table: Table, wanted: (column: Column, name: string) => boolean): Table {
  const columns = Object.entries(table.columns).filter(([name, column]) => name === table.key || wanted(column, name));
  return columns.length === Object.keys(table.columns).length ? table : { ...table, columns: Object.fromEntries(columns) };
}
