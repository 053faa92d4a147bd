import type Database from 'better-sqlite3';
import { type Position, VarveError } from '#base';
import { assertWithin, type ExportSource } from '../exchange/exporting.ts';
import { createReceiptsInOrder, ReceiptsInOrder } from '../exchange/receipts.ts';
import { pagesUpTo } from './chain.ts';
import { hasHashes } from './migrate.ts';
import { openLogToRead } from './opening.ts';

/**
 * The log in a file, to be exported from a position on. The write-ahead log is not held up: no read transaction stays open from page to page. Throws
 * `POSITION_AHEAD`, `LOG_TOO_OLD`, and what {@link openLogToRead} throws.
 */
export function sqliteExport(file: string, from: Position = 1): ExportSource {
  const db = openLogToRead(file);
  try {
    if (!hasHashes(db)) throw tooOld(file);
    db.pragma('query_only = OFF');
    const { last, previous } = db.transaction(() => beginExport(db, from))();
    return {
      from,
      last,
      previous,
      receipts: new ReceiptsInOrder(db),
      events: () => pagesUpTo(db, from - 1, last),
      close: () => void db.close(),
    };
  } catch (fault) {
    db.close();
    throw fault;
  }
}

const tooOld = (file: string) =>
  new VarveError({
    code: 'LOG_TOO_OLD',
    message: `${file} was written before events had hashes.`,
    hint: 'Back it up, then start a server on it once: that gives its events their hashes.',
  });

/** What is exported is settled in one read: the last event, and the receipts, which are stored by their commands' ids and put in order here. */
function beginExport(db: Database.Database, from: Position): { readonly last: Position; readonly previous: string | null } {
  const last = db.prepare<[], Position | null>('SELECT max(position) FROM events').pluck().get() ?? 0;
  assertWithin(from, last);
  createReceiptsInOrder(db);
  db.prepare(
    'INSERT INTO receipts_in_order SELECT position, command_id, input_hash, outcome FROM commands WHERE position BETWEEN ? AND ? ORDER BY position, command_id',
  ).run(from === 1 ? 0 : from, last);
  const previous = db
    .prepare<[Position], Buffer | null>('SELECT hash FROM events WHERE position = ?')
    .pluck()
    .get(from - 1);
  return { last, previous: previous?.toString('hex') ?? null };
}
