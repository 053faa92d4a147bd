import { fingerprint, type SqlReads, type SqlTransaction, VarveError } from '#base';
import type { Catalog, Generation } from '../catalog.ts';
import { compareKeys } from '../keys.ts';
import { nextTable, quote } from '../names.ts';
import type { RowStore } from '../port.ts';
import type { Table } from '../table.ts';
import { createIndexes, createTable, type IndexSql } from './ddl.ts';
import { closeGate } from './gate.ts';
import { postgresRows } from './rows.ts';

/** The catalog of read tables in PostgreSQL, in a transaction under the log's lock. */
export const postgresCatalog: Catalog<SqlTransaction> = {
  tableStates,
  prepareNext,
  indexNext,
  nextRows,
  keepReadersOut: closeGate,
  swapNext,
  noteRebuilt,
  dropUnfinished,
  enforce,
  generationOf,
  allRows,
};

/** The read tables that stand, and the hash of what each was built by. One whose rows are not there counts as not standing. */
async function tableStates(reads: SqlReads): Promise<ReadonlyMap<string, string>> {
  return new Map(
    await reads.read<readonly [string, string]>(
      `SELECT name, hash FROM ${reads.schema}.read_tables WHERE to_regclass(format('%s.%I', $1::text, name)) IS NOT NULL`,
      [reads.schema],
    ),
  );
}

/**
 * Makes the empty table that a rebuild fills; what an unfinished rebuild left is dropped. Its indexes come when its rows are there, see
 * `indexNext`. Throws `TABLE_NAME_TAKEN` where the name is that of a table of the log.
 */
export async function prepareNext(transaction: SqlTransaction, table: Table): Promise<void> {
  await assertOurs(transaction, table.name);
  const { schema } = transaction;
  await dropNext(transaction, nextTable(table));
  await transaction.define(createTable(schema, table, nextTable(table)));
}

/** Makes those indexes of the table that a rebuild fills that are not there yet: of rows that are there, an index costs a fraction. */
export async function indexNext(transaction: SqlTransaction, table: Table): Promise<void> {
  const indexes = await nextIndexes(transaction, table);
  if (indexes.length > 0) await transaction.define(indexes.map(({ statement }) => statement).join('; '));
}

/** The rows of the tables that a rebuild fills. A projection that looks for rows by their values gets the index for it as soon as it asks. */
export function nextRows(): RowStore<SqlTransaction> {
  return postgresRows({
    physical: nextTable,
    onWhere: async (transaction, table, columns) => {
      const useful = (await nextIndexes(transaction, table)).find(({ first }) => columns.includes(first));
      if (useful) await transaction.define(useful.statement);
    },
  });
}

/**
 * Puts the rebuilt table, with all its indexes, in the old one's place and notes what it was built by, so that readers see the one or the other: see
 * {@link closeGate}. Its journal begins anew, for rows may have become others without any event. Throws `TABLE_NAME_TAKEN` where the name is that of a
 * table of the log.
 *
 * @param position how far the log was folded
 */
export async function swapNext(transaction: SqlTransaction, table: Table, hash: string, position: number): Promise<void> {
  const { schema } = transaction;
  await assertOurs(transaction, table.name);
  await indexNext(transaction, table);
  await closeGate(transaction);
  await transaction.define(`${drop(schema, table.name)}; ALTER TABLE ${schema}.${quote(nextTable(table))} RENAME TO ${quote(table.name)}`);
  transaction.write(
    `INSERT INTO ${schema}.read_tables (name, hash, position) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET hash = excluded.hash`,
    [table.name, hash, position],
  );
  noteRebuilt(transaction, table, position);
}

/** Rows of the table have become others without any event, at this position: whoever remembers or follows them begins anew. */
function noteRebuilt(transaction: SqlTransaction, { name }: Table, position: number): void {
  transaction.write(
    `UPDATE ${transaction.schema}.read_tables SET position = $1, journaled_after = $1, rebuilds = rebuilds + 1 WHERE name = $2`,
    [position, name],
  );
  forgetChanges(transaction, name);
}

/** Drops what unfinished rebuilds left; while nothing is being rebuilt. */
async function dropUnfinished(transaction: SqlTransaction): Promise<void> {
  await dropNext(transaction, '%__next');
}

/** Drops tables that a rebuild has filled. Nobody reads them but a dump, which is not waited for with some of them gone: see {@link closeGate}. */
async function dropNext(transaction: SqlTransaction, pattern: string): Promise<void> {
  const { schema } = transaction;
  const found = await names(
    transaction,
    "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname LIKE $2",
    schema,
    pattern.replaceAll('_', String.raw`\_`),
  );
  if (found.length === 0) return;
  await closeGate(transaction);
  for (const name of found) await transaction.define(drop(schema, name));
}

/**
 * Drops the read tables that no definition knows any more, and notes that these are in force. Programs of another generation see it in their next transaction,
 * and in their next moment: they do not read what is dropped.
 */
async function enforce(transaction: SqlTransaction, hashes: ReadonlyMap<string, string>): Promise<void> {
  const { schema } = transaction;
  transaction.write(
    `INSERT INTO ${schema}.generations AS known (hash, generation) SELECT $1, coalesce(max(generation), 0) + 1 FROM ${schema}.generations
     ON CONFLICT (hash) DO UPDATE SET generation = excluded.generation`,
    [generationHash(hashes)],
  );
  const unknown = (await names(transaction, `SELECT name FROM ${schema}.read_tables`)).filter((name) => !hashes.has(name));
  if (unknown.length > 0) await closeGate(transaction);
  for (const name of unknown) {
    await transaction.define(drop(schema, name));
    forgetChanges(transaction, name);
    transaction.write(`DELETE FROM ${schema}.read_tables WHERE name = $1`, [name]);
  }
}

async function generationOf(reads: SqlReads, hashes: ReadonlyMap<string, string>): Promise<Generation> {
  const { schema } = reads;
  const [found] = await reads.read<readonly [isInForce: boolean]>(
    `SELECT generation = (SELECT max(generation) FROM ${schema}.generations) FROM ${schema}.generations WHERE hash = $1`,
    [generationHash(hashes)],
  );
  if (!found) return 'new';
  return found[0] ? 'in force' : 'replaced';
}

/** One name for all of them, in whatever order they are declared. */
const generationHash = (hashes: ReadonlyMap<string, string>) =>
  fingerprint(JSON.stringify([...hashes].sort(([one], [other]) => compareKeys(one, other))));

/**
 * Every row of a read table in the order of its keys, as JSON of its stored values: the same strings, the same bytes (P3).
 *
 * @param name the table's name in SQL, where it is not the definition's own
 */
export async function allRows(reads: SqlReads, table: Table, name: string = table.name): Promise<readonly string[]> {
  const columns = Object.keys(table.columns).map(quote).join(', ');
  const rows = await reads.read(`SELECT ${columns} FROM ${reads.schema}.${quote(name)} ORDER BY ${quote(table.key)}`);
  return rows.map((values) => JSON.stringify(values));
}

function forgetChanges(transaction: SqlTransaction, name: string): void {
  transaction.write(`DELETE FROM ${transaction.schema}.changes WHERE read_table = $1`, [name]);
}

const drop = (schema: string, name: string) => `DROP TABLE IF EXISTS ${schema}.${quote(name)}`;

async function names(reads: SqlReads, text: string, ...values: readonly string[]): Promise<readonly string[]> {
  const rows = await reads.read<readonly [string]>(text, values);
  return rows.map(([name]) => name);
}

/** A table's indexes keep their names when it is renamed. So two sets of names take turns. */
async function nextIndexes(transaction: SqlTransaction, table: Table): Promise<readonly IndexSql[]> {
  const { schema } = transaction;
  const taken = await names(
    transaction,
    'SELECT made.relname FROM pg_index JOIN pg_class AS made ON made.oid = indexrelid WHERE indrelid = to_regclass($1)',
    `${schema}.${quote(table.name)}`,
  );
  const [first = [], second = []] = ['a', 'b'].map((turn) => createIndexes(schema, table, nextTable(table), `${table.name}__${turn}_`));
  return first.some(({ name }) => taken.includes(name)) ? second : first;
}

/** Nothing is dropped but what read_tables says is a read table: a definition named `events` must not cost the log. */
async function assertOurs(transaction: SqlTransaction, name: string): Promise<void> {
  const { schema } = transaction;
  const [found] = await transaction.read<readonly [stands: boolean, isOurs: boolean]>(
    `SELECT to_regclass($1) IS NOT NULL, EXISTS (SELECT 1 FROM ${schema}.read_tables WHERE name = $2)`,
    [`${schema}.${quote(name)}`, name],
  );
  if (found?.[0] !== true || found[1]) return;
  throw new VarveError({
    code: 'TABLE_NAME_TAKEN',
    message: `The read table ${name} has the name of a table that is none of the read tables.`,
    hint: 'Give the read table another name.',
  });
}
