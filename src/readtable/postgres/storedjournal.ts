import type { Position, SqlReads, SqlTransaction } from '#base';
import type { EntryPlace, StoredEntry, StoredJournal, StoredTable } from '../storedjournal.ts';
import { columnsInParts } from './parts.ts';

/** The journal as PostgreSQL holds it. */
export const postgresStoredJournal: StoredJournal<SqlReads, SqlTransaction> = {
  tables: (...asked) => tables(...asked),
  entries: (...asked) => entries(...asked),
  end: (...asked) => end(...asked),
  put: (...asked) => put(...asked),
  note: (...asked) => note(...asked),
};

type TableRow = readonly [name: string, hash: string, position: Position, journaledAfter: Position | null];

/** The read tables that stand. */
async function tables(reads: SqlReads): Promise<readonly StoredTable[]> {
  const rows = await reads.read<TableRow>(
    `SELECT name, hash, position, journaled_after FROM ${reads.schema}.read_tables
     WHERE to_regclass(format('%s.%I', $1::text, name)) IS NOT NULL ORDER BY name`,
    [reads.schema],
  );
  return rows.map(([name, hash, position, journaledAfter]) => ({ name, hash, position, journaledAfter }));
}

/** A table's entries after a place, in order. */
const entries = (reads: SqlReads, table: string, [position, key]: EntryPlace, count: number): Promise<readonly StoredEntry[]> =>
  reads.read(
    `SELECT position, key, before FROM ${reads.schema}.changes WHERE read_table = $1 AND (position, key) > ($2, $3)
     ORDER BY position, key LIMIT $4`,
    [table, position, key, count],
  );

/** Where a table's entries end. */
async function end(reads: SqlReads, table: string): Promise<EntryPlace | undefined> {
  const [last] = await reads.read<EntryPlace>(
    `SELECT position, key FROM ${reads.schema}.changes WHERE read_table = $1 ORDER BY position DESC, key DESC LIMIT 1`,
    [table],
  );
  return last;
}

/** Adds entries. */
function put(transaction: SqlTransaction, table: string, entries: readonly StoredEntry[]): void {
  const text = `INSERT INTO ${transaction.schema}.changes (read_table, position, key, before)
    SELECT $1::text, * FROM unnest($2::bigint[], $3::text[], $4::text[])`;
  for (const values of columnsInParts(entries)) transaction.write(text, [table, ...values]);
}

/** Notes how far back a table's changes can be read. */
function note(transaction: SqlTransaction, { name, position, journaledAfter }: StoredTable): void {
  transaction.write(`UPDATE ${transaction.schema}.read_tables SET position = $1, journaled_after = $2 WHERE name = $3`, [
    position,
    journaledAfter,
    name,
  ]);
}
