import { andThen } from '#base';
import { type AnyRow, keyOf, onlyColumn, type Table } from '#readtable';
import { fieldsBelow } from './selection.ts';
import type { ReadField } from './types.ts';

/**
 * Reads the lists of a table's rows. A list that was not read with its row is read now, by the row's key; either way its length is counted before
 * its entries are answered.
 */
export function listReaders(table: Table): (name: string) => ReadField<AnyRow> | undefined {
  return (name) => (table.columns[name]?.kind === 'list' ? listReader(table, name) : undefined);
}

function listReader(table: Table, name: string): ReadField<AnyRow> {
  const alone = onlyColumn(table, name);
  return (row, { reads }, info) => {
    const budget = reads.budgetOf(info.rootValue);
    const counted = (entries: unknown) => {
      if (Array.isArray(entries)) budget.spend(entries.length * fieldsBelow(info));
      return entries;
    };
    // Where too much is answered already, nothing more is read.
    if (Object.hasOwn(row, name)) {
      budget.spend(0);
      return counted(row[name]);
    }
    // Of the same moment as the row; in a subscription, whose reads are brief, of a later one: by then the row may be gone, with all its entries.
    return reads.read((snapshot) => {
      budget.spend(0);
      return andThen(snapshot.row(alone, keyOf(table, row)), (found) => counted(found?.[name] ?? []));
    });
  };
}
