import { renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { assert, limits } from '#base';
import { markUnfinished } from './unfinished.ts';

/** `VARV`: how a log is told from other SQLite files. */
export const applicationId = 0x56_41_52_56;

/**
 * Makes a new file that says of itself that it is a log, and only then gives it its name: a crash never leaves one that says nothing, so an
 * empty file is no new log.
 */
export function makeFile(file: string, { unfinished = false }: { readonly unfinished?: boolean } = {}): void {
  const making = `${file}.new`;
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${making}${end}`, { force: true });
  const db = new Database(making);
  // Switched under its own name, a crash could leave a journal beside it.
  db.pragma('journal_mode = WAL');
  db.pragma(`application_id = ${applicationId}`);
  // From its first moment: a killed import must not leave an empty log that says nothing of it.
  markUnfinished(db, unfinished);
  db.close();
  renameSync(making, file);
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
    // A checkpoint of its own would not say that it failed: see `Checkpoints`.
    if (!readonly) db.pragma('wal_autocheckpoint = 0');
    if (readonly) db.pragma('query_only = ON');
    return db;
  } catch (fault) {
    db.close();
    throw fault;
  }
}
