import { compareKeys } from './keys.ts';
import type { Condition } from './read.ts';
import type { AnyRow } from './table.ts';

const plain = (value: unknown) => (value instanceof Date ? value.getTime() : value);
const lower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** True where a row fulfils all conditions: in memory what a page's query asks of SQL. */
export function matches(conditions: readonly Condition[], row: AnyRow): boolean {
  return conditions.every((condition) => fulfils(condition, row));
}

function fulfils(condition: Condition, row: AnyRow): boolean {
  if (condition.is === 'contains')
    return condition.anyColumn.some((name) => lower(String(row[name] ?? '')).includes(lower(condition.value)));
  const value = plain(row[condition.column]);
  switch (condition.is) {
    case 'equal':
      return value === plain(condition.value);
    case 'in':
      return condition.value.map(plain).includes(value);
    case 'atLeast':
      return isOrdered(value) && compareOrdinals(value, plain(condition.value)) >= 0;
    case 'below':
      return isOrdered(value) && compareOrdinals(value, plain(condition.value)) < 0;
  }
}

/** What a column's values are ordered by. */
export type Ordinal = string | number;

const isOrdered = (value: unknown): value is Ordinal => typeof value === 'string' || typeof value === 'number';

/** What a value is ordered by; undefined: null stands in no order. */
export function ordinalOf(value: unknown): Ordinal | undefined {
  const ordinal = plain(value);
  return isOrdered(ordinal) ? ordinal : undefined;
}

/** Orders two of one column as SQL does: texts by code point. */
export const compareOrdinals = (value: Ordinal, other: unknown): number =>
  typeof value === 'string' ? compareKeys(value, String(other)) : value - Number(other);
