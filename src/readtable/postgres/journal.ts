import { limits, type SqlTransaction } from '#base';
import { encodeRow } from '../encoding.ts';
import type { Journal, JournalEntry, JournalOptions } from '../journal.ts';
import { forgetText } from './forgetting.ts';
import { columnsInParts } from './parts.ts';
import { changesSince } from './since.ts';

/** So many entries more than it adds an append may forget: what piled up gets fewer with every one. */
const extraForgotten = 64;

/**
 * The journal in PostgreSQL, in the log's transactions. Old entries go in steps that are bounded by what is added, also where one position has a hundred
 * thousand. `read_tables` says how far back each table's changes are all there. Nothing of an append is waited for.
 */
export function postgresJournal({ positionsMax = limits.journalPositionsMax }: JournalOptions = {}): Journal<SqlTransaction> {
  // Looking for what is to go costs more than letting a few go: so it is not done for each position.
  const tolerated = Math.floor(positionsMax / 100);
  return {
    append: (transaction, position, entries) => {
      insert(transaction, entries);
      const upTo = position - positionsMax;
      if (upTo > 0) transaction.write(forgetText(transaction.schema), [upTo - tolerated, upTo, entries.length + extraForgotten]);
    },
    since: changesSince,
  };
}

function insert(transaction: SqlTransaction, entries: readonly JournalEntry[]): void {
  const text = `INSERT INTO ${transaction.schema}.changes (read_table, position, key, before)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])`;
  const rows = entries.map(({ table, position, key, before }) => [
    table.name,
    position,
    key,
    before ? encodeRow(table.columns, before) : null,
  ]);
  for (const values of columnsInParts(rows)) transaction.write(text, values);
}
