import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import Database, { SqliteError } from 'better-sqlite3';
import { limits, textOf, VarveError } from '#base';
import { applicationId } from './connection.ts';
import { damagedEvent, missingEvents, positionsAhead } from './content.ts';
import { missingDefinition } from './definition.ts';
import { migrationState, tooNew } from './migrate.ts';
import { importUnfinished, isUnfinished } from './unfinished.ts';
import { walDamage, whyWalEnds } from './wal.ts';

/** What may be set of the look at a file. */
export interface CheckOptions {
  /** True: a log that an import has not finished is taken too; left out: it is refused with `IMPORT_UNFINISHED`. */
  readonly unfinished?: boolean;
}

const magic = 'SQLite format 3\0';

/**
 * Looks at a database file before anything is written to it. Throws `NOT_A_LOG`, `STORAGE_CORRUPT`, `LOG_TOO_NEW`, or `STORAGE_FAILED` where
 * it may not be read and written, naming the file and the check that failed; the file is then as it was. What else SQLite throws says nothing of damage,
 * and is thrown as it is. True where there is a log, false where there is nothing yet.
 */
export function checkFile(file: string, { unfinished = false }: CheckOptions = {}): boolean {
  if (!isLogFile(file)) return false;
  for (const one of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(one)) assertWritable(one);
  let db: Database.Database | undefined;
  try {
    if (existsSync(`${file}-journal`)) rollBack(file);
    // Read-only, and yet it sees what a crash left in the write-ahead log.
    db = new Database(file, { readonly: true });
    // One moment of it: a server may be writing to what is exported or backed up.
    db.exec('BEGIN');
    const damage = walDamage(db);
    if (damage) throw corrupt(file, whyWalEnds(damage, db));
    checkContent(db, file);
    if (!unfinished && isUnfinished(db)) throw importUnfinished(file);
  } catch (cause) {
    throw isDamage(cause) ? corrupt(file, `SQLite cannot read it: ${textOf(cause)}`, cause) : cause;
  } finally {
    db?.close();
  }
  return true;
}

/** Of a restored backup that was being switched to a write-ahead log when its process was killed: SQLite makes of it what it was before. */
function rollBack(file: string): void {
  const db = new Database(file);
  try {
    db.pragma('user_version');
  } finally {
    db.close();
  }
}

/**
 * True where a file says of itself that it is a log, false where there is none. Read without SQLite, so that no connection touches somebody
 * else's file; so not in a process that has the log open: closing a file takes away all locks that its process has on it
 * (https://sqlite.org/howtocorrupt.html, 2.2). Throws `NOT_A_LOG`, `STORAGE_CORRUPT` where it was one, and `STORAGE_FAILED` where it may not be read.
 */
export function isLogFile(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw notALog(file, 'it is no file');
  if (!found && (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw corrupt(file, 'it is gone, though its write-ahead log is there');
  if (!found) return false;
  // A new log has its name only when it says that it is one: so this one was a log, or is somebody else's.
  if (found.size === 0) throw corrupt(file, 'it is empty, which a log never is');
  const header = headerOf(file);
  if (header.subarray(0, magic.length).toString('latin1') !== magic) throw notALog(file, 'it does not begin as an SQLite database does');
  // Bytes 68 to 71 are the application id.
  if (header.readUInt32BE(68) !== applicationId) throw notALog(file, 'it is an SQLite database of another program');
  return true;
}

function checkContent(db: Database.Database, file: string): void {
  const isSmall = statSync(file).size <= limits.startCheckBytesMax;
  if (isSmall) {
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw corrupt(file, `SQLite's quick_check found: ${String(found)}`);
  }
  if (migrationState(db) === 'newer') throw tooNew(file);
  const lacking = missingDefinition(db);
  if (lacking !== undefined) throw corrupt(file, lacking);
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'events'").get() === undefined) return;
  const last = db.prepare<[], number | null>('SELECT max(position) FROM events').pluck().get() ?? 0;
  const after = isSmall ? 0 : last - limits.startCheckEventsMax;
  const damage = missingEvents(db) ?? positionsAhead(db, last, isSmall) ?? damagedEvent(db, after);
  if (damage !== undefined) throw corrupt(file, damage);
}

/** True where SQLite says that what it reads is no database, or a broken one. */
export const isDamage = (cause: unknown) => cause instanceof SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(cause.code);

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
    throw noAccess(file, 'read', cause);
  }
}

/** SQLite opens what it may not write without a word, to be read alone: then the first command would fail, and not the start. */
function assertWritable(file: string): void {
  try {
    accessSync(file, constants.W_OK);
  } catch (cause) {
    throw noAccess(file, 'written to', cause);
  }
}

const noAccess = (file: string, what: string, cause: unknown) =>
  new VarveError({
    code: 'STORAGE_FAILED',
    message: `${file} cannot be ${what}: ${textOf(cause)}.`,
    hint: 'Give the user that runs this the right to read and write it.',
    cause,
  });

const notALog = (file: string, why: string) =>
  new VarveError({
    code: 'NOT_A_LOG',
    message: `${file} is no Varve log: ${why}.`,
    hint: 'Give another data folder, or move the file away. It was not touched.',
  });

/** A fault that says of a file what is wrong with it. */
export const corrupt = (file: string, why: string, cause?: unknown) =>
  new VarveError({
    code: 'STORAGE_CORRUPT',
    message: `${file} is damaged: ${why}.`,
    hint: 'Keep a copy of it and restore a backup. It was not touched.',
    cause,
  });
