import type { Awaitable, SqlRow } from '#base';

/** A database by texts that every dialect takes, `$1` for the first value; SQLite answers at once. */
export interface TableReads {
  /** Every table's name in a text follows it: `${schema}.changes`. */
  readonly schema: string;
  read<R extends SqlRow = SqlRow>(text: string, values?: readonly unknown[]): Awaitable<readonly R[]>;
}

/** The same in a writer's transaction. */
export interface TableWrites extends TableReads {
  write(text: string, values?: readonly unknown[]): Awaitable<void>;
  /** Runs statements without values. */
  define(text: string): Awaitable<void>;
}

/** Selects of names in a schema. */
export interface NamesSql {
  tables(schema: string): string;
  /** Of tables, and of whatever else takes a name from them. */
  relations(schema: string): string;
  /** Of the columns of the table that `$1` names. */
  columns(schema: string): string;
  /** Of the indexes of the table that `$1` names. */
  indexes(schema: string): string;
}
