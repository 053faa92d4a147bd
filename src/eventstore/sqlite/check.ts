import { closeSync, openSync, readSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { limits, VarveError } from '#base';
import { applicationId } from './connection.ts';
import { damagedEvent, missingPositions, missingTables, missingVersions } from './content.ts';

const magic = 'SQLite format 3\0';

/**
 * Looks at a database file before anything is written to it. Throws `NOT_A_LOG` or `STORAGE_CORRUPT`, naming the file and the check that
 * failed; the file is then as it was. True where there is a log, false where there is nothing yet.
 */
export function checkFile(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw notALog(file, 'it is no file');
  if (!found && (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw corrupt(file, 'it is gone, though its write-ahead log is there');
  if (!found) return false;
  // A new log has its name only when it says that it is one: so this one was a log, or is somebody else's.
  if (found.size === 0) throw corrupt(file, 'it is empty, which a log never is');
  const header = headerOf(file);
  if (header.subarray(0, magic.length).toString('latin1') !== magic) throw notALog(file, 'it does not begin as an SQLite database does');
  // Bytes 68 to 71 are the application id; read here, so that no connection touches somebody else's file.
  if (header.readUInt32BE(68) !== applicationId) throw notALog(file, 'it is an SQLite database of another program');
  let db: Database.Database | undefined;
  try {
    // Read-only, and yet it sees what a crash left in the write-ahead log.
    db = new Database(file, { readonly: true });
    checkContent(db, file);
  } catch (cause) {
    throw cause instanceof VarveError
      ? cause
      : corrupt(file, `SQLite cannot read it: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  } finally {
    db?.close();
  }
  return true;
}

function checkContent(db: Database.Database, file: string): void {
  const isSmall = statSync(file).size <= limits.startCheckBytesMax;
  if (isSmall) {
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw corrupt(file, `SQLite's quick_check found: ${String(found)}`);
  }
  const lacking = missingTables(db);
  if (lacking !== undefined) throw corrupt(file, lacking);
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'events'").get() === undefined) return;
  const last = db.prepare<[], number | null>('SELECT max(position) FROM events').pluck().get() ?? 0;
  const after = isSmall ? 0 : last - limits.startCheckEventsMax;
  const damage = missingPositions(db) ?? missingVersions(db) ?? damagedEvent(db, after);
  if (damage !== undefined) throw corrupt(file, damage);
}

function headerOf(file: string): Buffer {
  const header = Buffer.alloc(100);
  const descriptor = openToRead(file);
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return header;
}

function openToRead(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    throw new VarveError({
      code: 'STORAGE_FAILED',
      message: `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Give the user that runs this the right to read and write it.',
      cause,
    });
  }
}

const notALog = (file: string, why: string) =>
  new VarveError({
    code: 'NOT_A_LOG',
    message: `${file} is no Varve log: ${why}.`,
    hint: 'Give another data folder, or move the file away. It was not touched.',
  });

const corrupt = (file: string, why: string, cause?: unknown) =>
  new VarveError({
    code: 'STORAGE_CORRUPT',
    message: `${file} is damaged: ${why}.`,
    hint: 'Keep a copy of it and restore a backup. It was not touched.',
    cause,
  });
