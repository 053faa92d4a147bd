import type { Database, Statement } from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { limits } from '#base';
import type { Column } from '../column.ts';
import { rowDecoder } from '../decode.ts';
import { encode, type Stored } from '../encoding.ts';
import { quote } from '../names.ts';
import type { Equals, RowStore } from '../port.ts';
import { type AnyRow, columnOf, type Table } from '../table.ts';
import { assertWrites, inKeyOrder } from '../writes.ts';
import { RebuiltTables } from './rebuilt.ts';

/** What may be set of {@link sqliteRows}. */
export interface SqliteRowsOptions {
  /** A table's name in SQL; left out: the definition's own. A rebuild writes to other tables than the ones that stand. */
  readonly physical?: (table: Table) => string;
  /** Told of columns before rows are first looked for by them. */
  readonly onWhere?: (db: Database, table: Table, columns: readonly string[]) => void;
}

/** Read tables in SQLite; the connection is the writer's, in its transaction. Statements are prepared once for a connection and table. */
export function sqliteRows({ physical = ({ name }) => name, onWhere }: SqliteRowsOptions = {}): RowStore<Database> {
  const connections = new WeakMap<Database, Map<Table, Statements>>();
  const rebuilt = new RebuiltTables();
  const statements = (db: Database, table: Table): Statements => {
    const tables = connections.get(db) ?? new Map<Table, Statements>();
    if (tables.size === 0) connections.set(db, tables);
    const known = tables.get(table) ?? new Statements(db, table, physical(table), onWhere);
    if (!tables.has(table)) tables.set(table, known);
    return known;
  };
  return {
    get: (db, table, key) => statements(db, table).get(key),
    where: (db, table, equals) => inKeyOrder(table, statements(db, table).where(equals)),
    write: (db, table, writes) => {
      assertWrites(table, writes);
      const prepared = statements(db, table);
      for (const [key, row] of writes) {
        if (row) prepared.upsert(row);
        else prepared.remove(key);
      }
    },
    rebuilt: (db) => rebuilt.since(db),
  };
}

type Values = readonly unknown[];

/** The statements of one table on one connection. */
class Statements {
  readonly #db: Database;
  readonly #table: Table;
  readonly #onWhere: SqliteRowsOptions['onWhere'];
  readonly #decode: (values: Values) => AnyRow;
  readonly #select: string;
  readonly #columns: readonly (readonly [string, Column])[];
  readonly #get: Statement<[string], Values>;
  readonly #upsert: Statement<[readonly Stored[]]>;
  readonly #remove: Statement<[string]>;
  readonly #where = new LRUCache<string, Statement<[readonly Stored[]], Values>>({ max: limits.statementsCachedMax });

  constructor(db: Database, table: Table, name: string, onWhere: SqliteRowsOptions['onWhere']) {
    const columns = Object.keys(table.columns);
    const key = quote(table.key);
    this.#db = db;
    this.#table = table;
    this.#onWhere = onWhere;
    this.#decode = rowDecoder(table);
    this.#columns = Object.entries(table.columns);
    this.#select = `SELECT ${columns.map(quote).join(', ')} FROM ${quote(name)}`;
    this.#get = db.prepare<[string], Values>(`${this.#select} WHERE ${key} = ?`).raw();
    this.#upsert = db.prepare(upsertSql(name, columns, table.key));
    this.#remove = db.prepare(`DELETE FROM ${quote(name)} WHERE ${key} = ?`);
  }

  get(key: string): AnyRow | undefined {
    const values = this.#get.get(key);
    return values && this.#decode(values);
  }

  where(equals: Equals): AnyRow[] {
    const names = Object.keys(equals);
    const values = names.map((name) => encode(columnOf(this.#table, name), equals[name]));
    return this.#whereOf(names)
      .all(values)
      .map((row) => this.#decode(row));
  }

  upsert(row: AnyRow): void {
    const values: Stored[] = [];
    for (const [name, column] of this.#columns) values.push(encode(column, row[name]));
    this.#upsert.run(values);
  }

  remove(key: string): void {
    this.#remove.run(key);
  }

  #whereOf(names: readonly string[]): Statement<[readonly Stored[]], Values> {
    const shape = names.join();
    const known = this.#where.get(shape);
    if (known) return known;
    this.#onWhere?.(this.#db, this.#table, names);
    // IS finds null as well, and uses an index as = does.
    const condition = names.map((name) => `${quote(name)} IS ?`).join(' AND ') || 'TRUE';
    const statement = this.#db.prepare<[readonly Stored[]], Values>(`${this.#select} WHERE ${condition}`).raw();
    this.#where.set(shape, statement);
    return statement;
  }
}

function upsertSql(name: string, columns: readonly string[], key: string): string {
  const others = columns.filter((column) => column !== key).map((column) => `${quote(column)} = excluded.${quote(column)}`);
  const change = others.length > 0 ? `UPDATE SET ${others.join(', ')}` : 'NOTHING';
  const values = `(${columns.map(quote).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  return `INSERT INTO ${quote(name)} ${values} ON CONFLICT (${quote(key)}) DO ${change}`;
}
