import { limits } from '#base';
import type { Stored } from '../encoding.ts';

/** A list a column, as `unnest` takes them. */
type Columns = readonly (readonly Stored[])[];

/** Rows of values, cut into parts that one statement takes each, by their count and by the length of their texts. */
export function columnsInParts(rows: readonly (readonly Stored[])[]): readonly Columns[] {
  const parts: Stored[][][] = [];
  let [count, length] = [0, 0];
  for (const row of rows) {
    if (count === 0) parts.push(row.map(() => []));
    for (const [at, value] of row.entries()) parts.at(-1)?.[at]?.push(value);
    count += 1;
    for (const value of row) length += typeof value === 'string' ? value.length : 0;
    if (count >= limits.statementRowsMax || length >= limits.storeStatementLengthMax) [count, length] = [0, 0];
  }
  return parts;
}
