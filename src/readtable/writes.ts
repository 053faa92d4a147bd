import { assert } from '#base';
import { assertRow } from './column.ts';
import type { RowWrites } from './port.ts';
import { type AnyRow, keyOf, type Table } from './table.ts';

/** Sorts by key, code unit by code unit, in every store alike: databases would do it by code point. */
export function inKeyOrder(table: Table, rows: AnyRow[]): readonly AnyRow[] {
  return rows.sort((a, b) => (keyOf(table, a) < keyOf(table, b) ? -1 : 1));
}

/** Holds writes to their table: each row fit for its columns, and under its own key. */
export function assertWrites(table: Table, writes: RowWrites): void {
  for (const [key, row] of writes) {
    if (row === undefined) continue;
    assertRow(table.name, table.columns, row);
    assert(keyOf(table, row) === key, `A row of ${table.name} is written under the key ${key}, but its own is ${keyOf(table, row)}.`);
  }
}
