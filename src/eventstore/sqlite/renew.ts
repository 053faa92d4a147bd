import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import Database, { SqliteError } from 'better-sqlite3';
import { checkpoint, walState } from './checkpoints.ts';
import { syncFolder } from './syncfolder.ts';
import { frameHeaderBytes, walHeaderBytes } from './wal.ts';

// A sync that fails says that what was written may be on no disk, and the next one that goes well does not say that it is: the system may hold the pages
// for written, and ext4 even goes on to lose what is written over them, where the file had grown. So nothing that such a sync was to save is built on:
// docs/decisions/027.

const chunkBytes = 1024 * 1024;

/**
 * Writes a write-ahead log that was left behind anew, into another file that takes its name, and then moves all of it into the main file: what is read of it may stand in
 * memory alone. Where another process has the log open, which reads from the old one, it stays. Throws what SQLite and the system throw.
 */
export function renewWal(file: string): void {
  const wal = `${file}-wal`;
  if ((statSync(wal, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const db = new Database(file, { timeout: 0 });
  try {
    if (!isAlone(db)) return;
    try {
      copySynced(wal, `${wal}.new`);
      renameSync(`${wal}.new`, wal);
    } catch (fault) {
      // On a disk that is full it would take the room that whoever makes some has made.
      rmSync(`${wal}.new`, { force: true });
      throw fault;
    }
    syncFolder(dirname(file));
    checkpoint(db, 'PASSIVE');
  } finally {
    db.close();
  }
}

/** Takes the log for this connection alone, until it is closed. */
function isAlone(db: Database.Database): boolean {
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch (fault) {
    if (fault instanceof SqliteError && fault.code.startsWith('SQLITE_BUSY')) return false;
    throw fault;
  }
}

/** By hand: told to copy, a system may let both files have the same blocks. */
function copySynced(from: string, to: string): void {
  const [source, target] = [openSync(from, 'r'), openSync(to, 'w')];
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (let bytes = readSync(source, chunk); bytes > 0; bytes = readSync(source, chunk))
      for (let done = 0; done < bytes; ) done += writeSync(target, chunk, done, bytes - done);
    fsyncSync(target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/**
 * Takes from a write-ahead log what a commit that failed has left behind the last one that did not, so that what comes next is written to blocks that are new.
 * Nobody reads there: all connections go by what they know to be committed, and the reader's is always open.
 *
 * @param db a connection that may write, outside of a transaction
 */
export function cutWal(db: Database.Database): void {
  // Meanwhile no other process may commit; and who is amid a transaction is not told how long the log is.
  db.exec('BEGIN IMMEDIATE');
  const other = new Database(db.name);
  try {
    const { pages } = walState(other);
    const pageBytes = Number(other.pragma('page_size', { simple: true }));
    truncateSync(`${db.name}-wal`, pages === 0 ? 0 : walHeaderBytes + pages * (frameHeaderBytes + pageBytes));
  } finally {
    other.close();
    db.exec('ROLLBACK');
  }
}
