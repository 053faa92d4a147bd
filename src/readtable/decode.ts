import { decoderOf } from './encoding.ts';
import type { AnyRow, Table } from './table.ts';

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
