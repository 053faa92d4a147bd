import type { SQL } from 'drizzle-orm';
import { assert } from '#base';
import { encode } from '../encoding.ts';
import type { Condition } from '../read.ts';
import { columnOf, type Table } from '../table.ts';
import { type SqlTable, sqlColumn } from './compile.ts';
import type { Binding, Dialect } from './dialect.ts';
import { and, or, sql } from './drizzle.ts';

/** A value for each of a query's placeholders, by name; others are left aside. */
export type Bindings = Readonly<Record<string, Binding>>;

/** Conditions without their values: what a statement's text depends on. */
export const shapeOf = (conditions: readonly Condition[]): string =>
  conditions
    .map((condition) =>
      condition.is === 'contains'
        ? `contains ${condition.anyColumn.join()}`
        : `${condition.is} ${condition.value === null ? 'null ' : ''}${condition.column}`,
    )
    .join(' & ');

/** A list of one is an equality: pages by it can follow an index. */
export const simplified = (conditions: readonly Condition[]): readonly Condition[] =>
  conditions.map((condition) =>
    condition.is === 'in' && condition.value.length === 1
      ? { column: condition.column, is: 'equal', value: condition.value[0] }
      : condition,
  );

/** The conditions as SQL, the value of each a placeholder. */
export function conditionsSql(dialect: Dialect, table: Table, compiled: SqlTable, conditions: readonly Condition[]): SQL | undefined {
  return and(...conditions.map((condition, i) => conditionSql(dialect, table, compiled.columns, condition, nameOf(i))));
}

/** The placeholders' values. */
export function conditionValues(dialect: Dialect, table: Table, conditions: readonly Condition[]): Bindings {
  return Object.fromEntries(conditions.map((condition, i) => [nameOf(i), conditionValue(dialect, table, condition)]));
}

const nameOf = (i: number) => `condition${i}`;

function conditionSql(dialect: Dialect, table: Table, columns: SqlTable['columns'], condition: Condition, name: string): SQL | undefined {
  if (condition.is === 'contains') return or(...condition.anyColumn.map((column) => dialect.contains(sqlColumn(columns, column), name)));
  const [kind, column] = [columnOf(table, condition.column), sqlColumn(columns, condition.column)];
  switch (condition.is) {
    case 'equal':
      // Null by itself, so that an index serves it in every dialect.
      return condition.value === null ? sql`${column} IS NULL` : sql`${column} = ${dialect.value(kind, name)}`;
    case 'in':
      return dialect.isIn(column, kind, name);
    case 'atLeast':
      return sql`${column} >= ${dialect.value(kind, name)}`;
    case 'below':
      return sql`${column} < ${dialect.value(kind, name)}`;
  }
}

function conditionValue(dialect: Dialect, table: Table, condition: Condition): Binding {
  if (condition.is === 'contains') return dialect.sought(condition.is, dialect.pattern(condition.value.replaceAll(/[%_\\]/g, '\\$&')));
  const column = columnOf(table, condition.column);
  if (condition.is !== 'in') return dialect.sought(condition.is, encode(column, condition.value));
  const values = condition.value.map((value) => encode(column, value));
  assert(!values.includes(null), `A list of values for ${condition.column} has a null in it.`, 'Ask for null with an equality of its own.');
  return dialect.list(values);
}
