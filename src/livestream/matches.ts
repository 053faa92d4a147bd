import type { AnyRow, Condition } from '#readtable';

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
      return isOrdered(value) && value >= (plain(condition.value) as typeof value);
    case 'below':
      return isOrdered(value) && value < (plain(condition.value) as typeof value);
  }
}

const isOrdered = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
