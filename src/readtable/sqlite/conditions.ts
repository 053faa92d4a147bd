import type { SQL } from 'drizzle-orm';
import { assert } from '#base';
import { encode, type Stored } from '../encoding.ts';
import type { Condition } from '../read.ts';
import { columnOf, type Table } from '../table.ts';
import { type SqlTable, sqlColumn } from './compile.ts';
import { and, or, sql } from './drizzle.ts';
import type { Bindings } from './prepared.ts';

/** Conditions without their values: what a statement's text depends on. */
export const shapeOf = (conditions: readonly Condition[]): string =>
  conditions
    .map((condition) => `${condition.is} ${condition.is === 'contains' ? condition.anyColumn.join() : condition.column}`)
    .join(' & ');

/** A list of one is an equality: pages by it can follow an index. */
export const simplified = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.map((condition) =>
    condition.is === 'in' && condition.value.length === 1
      ? { column: condition.column, is: 'equal', value: condition.value[0] }
      : condition,
  );

/** The conditions as SQL, the value of each a placeholder. */
export function conditionsSql({ columns }: SqlTable, conditions: readonly Condition[]): SQL | undefined {
  return and(...conditions.map((condition, i) => conditionSql(columns, condition, sql.placeholder(nameOf(i)))));
}

/** The placeholders' values. */
export function conditionValues(table: Table, conditions: readonly Condition[]): Bindings {
  return Object.fromEntries(conditions.map((condition, i) => [nameOf(i), conditionValue(table, condition)]));
}

const nameOf = (i: number) => `condition${i}`;

function conditionSql(columns: SqlTable['columns'], condition: Condition, value: ReturnType<typeof sql.placeholder>): SQL | undefined {
  if (condition.is === 'contains')
    return or(...condition.anyColumn.map((name) => sql`${sqlColumn(columns, name)} LIKE ${value} ESCAPE '\\'`));
  const column = sqlColumn(columns, condition.column);
  switch (condition.is) {
    case 'equal':
      return sql`${column} IS ${value}`;
    case 'in':
      return sql`${column} IN (SELECT value FROM json_each(${value}))`;
    case 'atLeast':
      return sql`${column} >= ${value}`;
    case 'below':
      return sql`${column} < ${value}`;
  }
}

function conditionValue(table: Table, condition: Condition): Stored {
  if (condition.is === 'contains') return `%${condition.value.replaceAll(/[%_\\]/g, '\\$&')}%`;
  const column = columnOf(table, condition.column);
  if (condition.is !== 'in') return encode(column, condition.value);
  const values = condition.value.map((value) => encode(column, value));
  assert(!values.includes(null), `A list of values for ${condition.column} has a null in it.`, 'Ask for null with an equality of its own.');
  return JSON.stringify(values);
}
