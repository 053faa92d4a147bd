import type { Placeholder, SQL, Column as SqlColumn } from 'drizzle-orm';
import type { Column } from '../column.ts';
import type { Stored } from '../encoding.ts';
import type { Condition } from '../read.ts';
import type { Table } from '../table.ts';

/** A query as drizzle's builder leaves it, its values placeholders. */
export interface Query {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] };
}

/** A select of one table that is being built. */
interface Selecting extends Query {
  where(condition: SQL | undefined): Selecting;
  orderBy(...columns: SQL[]): Selecting;
  limit(count: Placeholder): Selecting;
}

/** A read table as drizzle has it in one dialect. */
export interface DialectTable {
  readonly columns: Readonly<Record<string, SqlColumn>>;
  select(selected: Readonly<Record<string, SQL>>): Selecting;
}

/** What a placeholder is given: a list where the dialect has lists. */
export type Binding = Stored | readonly Stored[];

/** In what the SQL dialects differ, of reads. */
export interface Dialect {
  /** Compiles a definition to a drizzle table. Do it once for a table: drizzle's builders are slow. */
  compile(table: Table): DialectTable;
  /** A value that is given later, of a column's kind. */
  value(column: Column, name: string): SQL;
  /** The column has one of the values that are given later. */
  isIn(sqlColumn: SqlColumn, column: Column, name: string): SQL;
  /** The column's text has the one that is given later in it, as `pattern` gives it, without regard to ASCII case. */
  contains(sqlColumn: SqlColumn, name: string): SQL;
  /** A text for `contains`, its `%`, `_` and `\` with a `\` before them. */
  pattern(text: string): string;
  /** What is given for the values of a list. */
  list(values: readonly Stored[]): Binding;
  /** What is given for a value: another one where no row can have it, which finds the same rows. */
  sought(is: Condition['is'], value: Stored): Stored;
}
