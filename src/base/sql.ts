/**
 * What a PostgreSQL database is read and written by, whoever opens it: the event store hands these to whoever keeps tables beside the log. Nothing here
 * lasts longer than a transaction, so that connections through a pooler in transaction mode will do.
 */

/** A row as its values, in the order of the columns: whole numbers, texts, nulls, and binary as a `Buffer`. */
export type SqlRow = readonly unknown[];

/** Reads in one transaction of a database. What is asked for together is sent together: one way there and back. */
export interface SqlReads {
  /** The schema of the log's tables, quoted for SQL. Every table's name in a text follows it: `${schema}.events`. */
  readonly schema: string;
  /**
   * Each text is prepared once a connection: of texts there are few, and what differs is in the values (`$1`, arrays by `= ANY($1)` and `unnest`).
   *
   * @throws `STORE_UNAVAILABLE` (retryable) where the database went away, and else what the database says
   */
  read<R extends SqlRow = SqlRow>(text: string, values?: readonly unknown[]): Promise<readonly R[]>;
}

/** One writer's turn at a database. */
export interface SqlTransaction extends SqlReads {
  /** Sends a statement, in its order among the others, and does not wait for it: that it failed is told by the commit, which then is none. */
  write(text: string, values?: readonly unknown[]): void;
  /** Runs statements without values that are not worth being prepared: definitions of tables. */
  define(text: string): Promise<void>;
}

/** One moment of a database: all reads see the same. Must be ended. */
export interface SqlMoment extends SqlReads {
  end(): void;
}

/** Opens moments of a database, each on a connection of a pool. */
export interface SqlMoments {
  /** Waits where all connections are out. */
  begin(): Promise<SqlMoment>;
}
