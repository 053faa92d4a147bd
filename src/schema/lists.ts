import { type AnyRow, keyOf, onlyColumn, type Table } from '#readtable';
import { fieldsBelow } from './budget.ts';
import type { ReadField } from './types.ts';

/**
 * Reads the fields of a table's rows. A list that was not read with its row is read now, by the row's key; either way its length is counted before
 * its entries are answered.
 */
export function fieldReader(table: Table): ReadField<AnyRow> {
  const lists = Object.keys(table.columns).filter((name) => table.columns[name]?.kind === 'list');
  const alone = new Map(lists.map((name) => [name, onlyColumn(table, name)]));
  return (row, name, { reads }, info) => {
    const list = alone.get(name);
    if (!list) return row[name];
    const budget = reads.budgetOf(info.rootValue);
    // Where too much is answered already, nothing more is read.
    budget.spend(0);
    const counted = (entries: unknown) => {
      if (Array.isArray(entries)) budget.spend(entries.length * fieldsBelow(info));
      return entries;
    };
    if (Object.hasOwn(row, name)) return counted(row[name]);
    // Of the same moment as the row; in a subscription, whose reads are brief, of a later one: by then the row may be gone, with all its entries.
    return reads.read((snapshot) => counted(snapshot.row(list, keyOf(table, row))?.[name] ?? []));
  };
}
