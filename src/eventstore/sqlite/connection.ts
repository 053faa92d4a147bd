import Database from 'better-sqlite3';
import { assert, limits } from '#base';

/** `VARV`: how a log is told from other SQLite files. */
export const applicationId = 0x56_41_52_56;

/** Marks a new file as a log, before its first write goes to a write-ahead log: a crash then never leaves a file that says nothing of itself. */
export function markFile(file: string): void {
  const db = new Database(file);
  db.pragma(`application_id = ${applicationId}`);
  db.close();
}

/**
 * Opens one connection with what P1 needs. better-sqlite3 is built so that switching to WAL turns `synchronous` down to NORMAL, with which
 * acknowledged commits can go with the power: FULL is set after it, and read back.
 */
export function openConnection(file: string, { readonly = false }: { readonly readonly?: boolean } = {}): Database.Database {
  const db = new Database(file);
  try {
    if (!readonly)
      assert(
        db.pragma('journal_mode = WAL', { simple: true }) === 'wal',
        `${file} cannot be switched to a write-ahead log.`,
        'Put the data folder on a local disk.',
      );
    db.pragma('synchronous = FULL');
    assert(db.pragma('synchronous', { simple: true }) === 2, `${file} cannot be set to synchronous=FULL.`);
    db.pragma('busy_timeout = 5000');
    db.pragma(`cache_size = ${-limits.pageCacheKiB}`);
    if (!readonly) db.pragma(`wal_autocheckpoint = ${limits.checkpointPages}`);
    if (readonly) db.pragma('query_only = ON');
    return db;
  } catch (fault) {
    db.close();
    throw fault;
  }
}
