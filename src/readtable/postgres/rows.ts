import type { SqlReads, SqlTransaction } from '#base';
import { quote } from '../names.ts';
import type { RowStore, RowWrites } from '../port.ts';
import { type AnyRow, keyOf, type Table } from '../table.ts';
import { assertWrites, inKeyOrder } from '../writes.ts';
import { hasNul } from './nul.ts';
import { columnsInParts } from './parts.ts';
import { RebuiltTables } from './rebuilt.ts';
import { TableTexts } from './texts.ts';

/** What may be set of {@link postgresRows}. */
export interface PostgresRowsOptions {
  /** A table's name in SQL; left out: the definition's own. A rebuild writes to other tables than the ones that stand. */
  readonly physical?: (table: Table) => string;
  /** Told of columns before rows are first looked for by them. */
  readonly onWhere?: (transaction: SqlTransaction, table: Table, columns: readonly string[]) => Promise<void>;
  /** By what this program's tables are built, by name (`tableHash`): where others stand, nothing may be written. Left out: nobody looks. */
  readonly hashes?: ReadonlyMap<string, string>;
}

/** The rows that a transaction knows without asking: those that were expected, and those that it has written. */
type Known = Map<Table, Map<string, AnyRow | undefined>>;

/**
 * Read tables in PostgreSQL, beside the log. What is known of rows lasts as long as their transaction, in which nobody else writes. A write is one
 * statement for many rows, and is not waited for. Throws `TEXT_NOT_STORABLE` where a text has U+0000.
 */
export function postgresRows({ physical = ({ name }) => name, onWhere, hashes }: PostgresRowsOptions = {}): RowStore<SqlTransaction> {
  const texts = textsOf(physical);
  const transactions = new WeakMap<SqlTransaction, Known>();
  const looked = new Set<string>();
  const rebuilt = new RebuiltTables(hashes);
  const known = (transaction: SqlTransaction, table: Table) => {
    const tables: Known = transactions.get(transaction) ?? new Map();
    transactions.set(transaction, tables);
    const rows = tables.get(table) ?? new Map<string, AnyRow | undefined>();
    tables.set(table, rows);
    return rows;
  };
  const readAll = async (transaction: SqlTransaction, table: Table, keys: readonly string[]) => {
    const { byKeys, decode } = texts(transaction, table);
    const rows = known(transaction, table);
    const found = new Map<string, AnyRow>();
    for (const values of await transaction.read(byKeys, [keys.filter((key) => !hasNul(key))])) {
      const row = decode(values);
      found.set(keyOf(table, row), row);
    }
    for (const key of keys) if (!rows.has(key)) rows.set(key, found.get(key));
  };
  return {
    get: (transaction, table, key) => {
      const rows = known(transaction, table);
      return rows.has(key) ? rows.get(key) : readAll(transaction, table, [key]).then(() => rows.get(key));
    },
    where: async (transaction, table, equals) => {
      const [text, values] = texts(transaction, table).where(equals);
      const shape = `${table.name} ${Object.keys(equals).join()}`;
      if (onWhere && !looked.has(shape)) await onWhere(transaction, table, Object.keys(equals));
      looked.add(shape);
      const found = await transaction.read(text, values);
      return inKeyOrder(table, found.map(texts(transaction, table).decode));
    },
    write: (transaction, table, writes) => {
      assertWrites(table, writes);
      send(transaction, texts(transaction, table), writes);
      const rows = known(transaction, table);
      for (const [key, row] of writes) rows.set(key, row);
    },
    expect: async (transaction, keys) => {
      await Promise.all([...keys].map(([table, asked]) => readAll(transaction, table, [...asked])));
    },
    rebuilt: (transaction) => rebuilt.since(transaction),
  };
}

/** Each table's texts, built once for a schema. */
function textsOf(physical: (table: Table) => string): (reads: SqlReads, table: Table) => TableTexts {
  const schemas = new Map<string, WeakMap<Table, TableTexts>>();
  return ({ schema }, table) => {
    const tables = schemas.get(schema) ?? new WeakMap<Table, TableTexts>();
    schemas.set(schema, tables);
    const made = tables.get(table) ?? new TableTexts(table, `${schema}.${quote(physical(table))}`);
    tables.set(table, made);
    return made;
  };
}

/** Nothing is sent of a write with an unfit row. */
function send(transaction: SqlTransaction, texts: TableTexts, writes: RowWrites): void {
  const rows = [...writes.values()].filter((row) => row !== undefined);
  const gone = [...writes].flatMap(([key, row]) => (row === undefined && !hasNul(key) ? [[key]] : []));
  for (const values of columnsInParts(rows.map((row) => texts.valuesOf(row)))) transaction.write(texts.upsert, values);
  for (const keys of columnsInParts(gone)) transaction.write(texts.remove, keys);
}
