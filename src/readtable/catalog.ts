import { type Awaitable, andThen, type Position, VarveError } from '#base';
import { nextTable, quote } from './names.ts';
import type { RowStore } from './port.ts';
import type { IndexSql } from './sql/ddl.ts';
import type { NamesSql, TableReads, TableWrites } from './sql/tables.ts';
import type { Table } from './table.ts';

/** Whether read tables are those of the program that took over last, of an earlier one that was replaced, or of none before. */
export type Generation = 'in force' | 'replaced' | 'new';

/** By name the hash of what each read table is built by. */
type Hashes = ReadonlyMap<string, string>;

/** In what stores differ, of their catalogs. `Connection` is the handle of the caller's transaction. */
export interface CatalogDialect<Connection> {
  readonly names: NamesSql;
  sql(connection: Connection): TableWrites;
  createTable(schema: string, table: Table, name: string): string;
  /** See `indexesOn`. */
  createIndexes(schema: string, table: Table, name: string, prefix: string): readonly IndexSql[];
  /** The rows of tables of other names than the definitions' own. `onWhere` is told of columns before rows are first looked for by them. */
  rows(options: {
    readonly physical: (table: Table) => string;
    readonly onWhere: (connection: Connection, table: Table, columns: readonly string[]) => Awaitable<void>;
  }): RowStore<Connection>;
  /** See {@link Catalog.keepReadersOut}. Left out: readers are in nobody's way. */
  closeGate?(connection: Connection): Promise<void>;
  /** Left out: the store has one program at a time, and whichever that is is right. */
  readonly generations?: {
    enforce(connection: Connection, hashes: Hashes): void;
    of(connection: Connection, hashes: Hashes): Promise<Generation>;
  };
}

/**
 * The read tables that a store has, and what a rebuild does to them. Everything happens in the caller's transaction, which has the log's lock. A rebuild
 * fills a table beside the one that stands, and puts it in its place.
 */
export class Catalog<Connection> {
  readonly #dialect: CatalogDialect<Connection>;

  constructor(dialect: CatalogDialect<Connection>) {
    this.#dialect = dialect;
  }

  /** The read tables that stand, and the hash of what each was built by. One whose rows are not there counts as not standing. */
  async tableStates(connection: Connection): Promise<Hashes> {
    const { names } = this.#dialect;
    const sql = this.#dialect.sql(connection);
    const text = `SELECT name, hash FROM ${sql.schema}.read_tables WHERE name IN (${names.tables(sql.schema)})`;
    return new Map(await sql.read<readonly [string, string]>(text));
  }

  /**
   * Makes the empty table that a rebuild fills; what an unfinished rebuild left is dropped. Its indexes come when its rows are there, see
   * `indexNext`. Throws `TABLE_NAME_TAKEN` where the name is that of a table of the log.
   */
  async prepareNext(connection: Connection, table: Table): Promise<void> {
    const sql = this.#dialect.sql(connection);
    await this.#assertOurs(sql, table.name);
    await this.#dropFilled(connection, (name) => name === nextTable(table));
    await sql.define(this.#dialect.createTable(sql.schema, table, nextTable(table)));
  }

  /** Makes those indexes of the table that a rebuild fills that are not there yet: of rows that are there, an index costs a fraction. */
  async indexNext(connection: Connection, table: Table): Promise<void> {
    const sql = this.#dialect.sql(connection);
    const indexes = await this.#nextIndexes(sql, table);
    if (indexes.length > 0) await sql.define(indexes.map(({ statement }) => statement).join('; '));
  }

  /** The rows of the tables that a rebuild fills. A projection that looks for rows by their values gets the index for it as soon as it asks. */
  nextRows(): RowStore<Connection> {
    return this.#dialect.rows({
      physical: nextTable,
      onWhere: (connection, table, columns) => {
        const sql = this.#dialect.sql(connection);
        return andThen(this.#nextIndexes(sql, table), (indexes) => {
          const useful = indexes.find(({ first }) => columns.includes(first));
          return useful && sql.define(useful.statement);
        });
      },
    });
  }

  /**
   * Keeps readers from the read tables for the rest of the transaction; before anything is done in it, for it throws `LOG_BUSY` where some do not end in time.
   */
  async keepReadersOut(connection: Connection): Promise<void> {
    await this.#dialect.closeGate?.(connection);
  }

  /**
   * Puts the rebuilt table, with all its indexes, in the old one's place and notes what it was built by, so that readers see the one or the other. Its
   * journal begins anew, for rows may have become others without any event. Throws `TABLE_NAME_TAKEN` where the name is that of a table of the log.
   *
   * @param position how far the log was folded
   */
  async swapNext(connection: Connection, table: Table, hash: string, position: Position): Promise<void> {
    const sql = this.#dialect.sql(connection);
    await this.#assertOurs(sql, table.name);
    await this.indexNext(connection, table);
    await this.keepReadersOut(connection);
    await sql.define(`${drop(sql, table.name)}; ALTER TABLE ${sql.schema}.${quote(nextTable(table))} RENAME TO ${quote(table.name)}`);
    const noted = 'VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET hash = excluded.hash';
    await sql.write(`INSERT INTO ${sql.schema}.read_tables (name, hash, position) ${noted}`, [table.name, hash, position]);
    await this.noteRebuilt(connection, table, position);
  }

  /** Rows of the table have become others without any event, at this position: whoever remembers or follows them begins anew. */
  async noteRebuilt(connection: Connection, { name }: Table, position: Position): Promise<void> {
    const sql = this.#dialect.sql(connection);
    const noted = 'SET position = $1, journaled_after = $1, rebuilds = rebuilds + 1 WHERE name = $2';
    await sql.write(`UPDATE ${sql.schema}.read_tables ${noted}`, [position, name]);
    await forgetChanges(sql, name);
  }

  /** Drops what unfinished rebuilds left; while nothing is being rebuilt. */
  dropUnfinished(connection: Connection): Promise<void> {
    return this.#dropFilled(connection, (name) => name.endsWith(nextTable({ name: '' })));
  }

  /**
   * From here on these are the read tables: those that no definition knows are dropped. Programs of another generation see it in their next transaction, and in
   * their next moment: they do not read what is dropped.
   */
  async enforce(connection: Connection, hashes: Hashes): Promise<void> {
    const sql = this.#dialect.sql(connection);
    this.#dialect.generations?.enforce(connection, hashes);
    const unknown = (await namesBy(sql, `SELECT name FROM ${sql.schema}.read_tables`)).filter((name) => !hashes.has(name));
    if (unknown.length > 0) await this.keepReadersOut(connection);
    for (const name of unknown) {
      await sql.define(drop(sql, name));
      await forgetChanges(sql, name);
      await sql.write(`DELETE FROM ${sql.schema}.read_tables WHERE name = $1`, [name]);
    }
  }

  /** Which generation these are of; undefined where the store knows none. */
  async generationOf(connection: Connection, hashes: Hashes): Promise<Generation | undefined> {
    return this.#dialect.generations?.of(connection, hashes);
  }

  /** Drops tables that a rebuild has filled. Nobody reads them but a dump, which is not waited for with some of them gone. */
  async #dropFilled(connection: Connection, isIt: (name: string) => boolean): Promise<void> {
    const sql = this.#dialect.sql(connection);
    const found = (await namesBy(sql, this.#dialect.names.tables(sql.schema))).filter(isIt);
    if (found.length > 0) await this.keepReadersOut(connection);
    for (const name of found) await sql.define(drop(sql, name));
  }

  /** A table's indexes keep their names when it is renamed. So two sets of names take turns, and a swap builds none anew. */
  #nextIndexes(sql: TableReads, table: Table): Awaitable<readonly IndexSql[]> {
    const { names, createIndexes } = this.#dialect;
    return andThen(namesBy(sql, names.indexes(sql.schema), table.name), (taken) => {
      const ofTurn = (turn: string) => createIndexes(sql.schema, table, nextTable(table), `${table.name}__${turn}_`);
      const first = ofTurn('a');
      // SQLite takes names that differ in case alone for one.
      const isTaken = ({ name }: IndexSql) => taken.some((one) => one.toLowerCase() === name.toLowerCase());
      return first.some(isTaken) ? ofTurn('b') : first;
    });
  }

  /** Nothing is dropped but what read_tables says is a read table: a definition named `events` must not cost the log. */
  async #assertOurs(sql: TableReads, name: string): Promise<void> {
    const isOurs = `SELECT name FROM ${sql.schema}.read_tables`;
    const text = `SELECT name FROM (${this.#dialect.names.relations(sql.schema)}) AS there WHERE name = $1 AND name NOT IN (${isOurs})`;
    if ((await sql.read(text, [name])).length === 0) return;
    throw new VarveError({
      code: 'TABLE_NAME_TAKEN',
      message: `The read table ${name} has the name of a table that is none of the read tables.`,
      hint: 'Give the read table another name.',
    });
  }
}

const drop = ({ schema }: TableReads, name: string) => `DROP TABLE IF EXISTS ${schema}.${quote(name)}`;

const forgetChanges = (sql: TableWrites, name: string) => sql.write(`DELETE FROM ${sql.schema}.changes WHERE read_table = $1`, [name]);

const namesBy = (sql: TableReads, text: string, ...values: readonly string[]): Awaitable<readonly string[]> =>
  andThen(sql.read<readonly [string]>(text, values), (rows) => rows.map(([name]) => name));
