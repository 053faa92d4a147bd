import type { Database } from 'better-sqlite3';
import type { Position, SqlReads } from '#base';
import type { Stored } from './encoding.ts';
import { quote } from './names.ts';
import { postgresNames } from './postgres/names.ts';
import type { NamesSql, TableReads } from './sql/tables.ts';
import { sqliteNames, sqliteTables } from './sqlite/tables.ts';
import type { Table } from './table.ts';

/** A read table as a store has it noted. */
export interface NotedTable {
  /** What it was built by. */
  readonly hash: string;
  /** False where its rows are not there. */
  readonly stands: boolean;
}

/** What says, of a read table or of its changes, that the log has been where it has not been. */
export interface TableAhead {
  readonly table: string;
  readonly position: Position;
  /** In words, before the position. */
  readonly what: string;
}

/** A row's values as they are stored, in the order of the definition's columns. */
export type StoredValues = readonly Stored[];

/** The read tables as they stand in a file. */
export const sqliteStanding = (db: Database): StandingTables => new StandingTables(sqliteTables(db), sqliteNames);

/** The read tables as they stand in a database. */
export const postgresStanding = (sql: SqlReads): StandingTables => new StandingTables(sql, postgresNames);

/** The read tables as they stand in a store, to be looked at. */
export class StandingTables {
  readonly #sql: TableReads;
  readonly #names: NamesSql;

  constructor(sql: TableReads, names: NamesSql) {
    this.#sql = sql;
    this.#names = names;
  }

  /** Those that the store says it has, by name. */
  async noted(): Promise<ReadonlyMap<string, NotedTable>> {
    const { schema } = this.#sql;
    const rows = await this.#sql.read<readonly [name: string, hash: string, stands: boolean | number]>(
      `SELECT name, hash, name IN (${this.#names.tables(schema)}) FROM ${schema}.read_tables`,
    );
    return new Map(rows.map(([name, hash, stands]) => [name, { hash, stands: Boolean(stands) }]));
  }

  /** The columns of a table as the store has it, by name; none where it is not there. */
  async columns(name: string): Promise<ReadonlySet<string>> {
    const rows = await this.#sql.read<readonly [string]>(this.#names.columns(this.#sql.schema), [name]);
    return new Set(rows.map(([column]) => column));
  }

  /** How many rows it has. */
  async count(name: string): Promise<number> {
    const [row] = await this.#sql.read<readonly [number]>(`SELECT count(*) FROM ${this.#sql.schema}.${quote(name)}`);
    return row?.[0] ?? 0;
  }

  async ahead(last: Position): Promise<readonly TableAhead[]> {
    const { schema } = this.#sql;
    const rows = await this.#sql.read<readonly [string, Position, string]>(
      `SELECT name, position, 'was built at' FROM ${schema}.read_tables WHERE position NOT BETWEEN 0 AND $1
       UNION ALL SELECT name, journaled_after, 'has its changes after' FROM ${schema}.read_tables WHERE journaled_after NOT BETWEEN 0 AND $1
       UNION ALL SELECT read_table, max(position), 'has a change at' FROM ${schema}.changes WHERE position NOT BETWEEN 1 AND $1 GROUP BY read_table`,
      [last],
    );
    return rows.map(([table, position, what]) => ({ table, position, what }));
  }

  /** A table's rows after a key, or from the first on, in the order of their keys. */
  async rows({ name, columns, key }: Table, after: Stored | undefined, count: number): Promise<readonly StoredValues[]> {
    const names = Object.keys(columns).map(quote).join(', ');
    const select = `SELECT ${names} FROM ${this.#sql.schema}.${quote(name)}`;
    const order = `ORDER BY ${quote(key)} LIMIT`;
    if (after === undefined) return this.#sql.read(`${select} ${order} $1`, [count]);
    return this.#sql.read(`${select} WHERE ${quote(key)} > $1 ${order} $2`, [after, count]);
  }
}
