import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { SqliteError } from 'better-sqlite3';
import { type Fault, textOf, VarveError } from '#base';

type Meaning = readonly [prefix: string, code: string, message: string, hint: string, retryable: boolean];

/** What SQLite's error codes mean to an operator, by how the code begins. */
const meanings: readonly Meaning[] = [
  ['SQLITE_FULL', 'STORAGE_FULL', 'The disk is full.', 'Make room on the disk, then send the command again.', true],
  ['SQLITE_IOERR', 'STORAGE_FAILED', 'The disk reported an error.', "Look at the machine's disk and its log.", false],
  [
    'SQLITE_READONLY',
    'STORAGE_FAILED',
    'The database cannot be written to.',
    'Make the data folder and its files writable, then start again.',
    false,
  ],
  ['SQLITE_CANTOPEN', 'STORAGE_FAILED', 'The database cannot be opened.', 'Look at the rights on the data folder.', false],
  ['SQLITE_PERM', 'STORAGE_FAILED', 'The database may not be opened.', 'Look at the rights on the data folder.', false],
  ['SQLITE_CORRUPT', 'STORAGE_CORRUPT', 'The database is damaged.', 'Stop, keep a copy of the data folder, and restore a backup.', false],
  ['SQLITE_NOTADB', 'STORAGE_CORRUPT', 'The file is no database.', 'Stop, keep a copy of the data folder, and restore a backup.', false],
];

/** At a start the log's own statements are prepared: what they name is not there. Later it would be a fault of ours. */
const atStart: readonly Meaning[] = [
  ...meanings,
  ['SQLITE_ERROR', 'STORAGE_CORRUPT', 'The database lacks what a log has.', 'Keep a copy of the data folder, and restore a backup.', false],
];

/**
 * Turns what SQLite threw, or the system, into a fault with a hint; anything else stays as it is. Its message reaches clients, so the file is named by its cause,
 * which is logged.
 */
export function storageFault(fault: unknown, file: string): unknown {
  return translated(meanings, fault, (message, detail) => ({ message, cause: new Error(`${file}: ${detail}`, { cause: fault }) }));
}

/** Runs a step of a start; what SQLite throws in it becomes a fault, which names the file, or the folder that is full, to the operator. */
export function withFaults<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (fault) {
    if (isFull(fault) || (isUnwritten(fault) && hasNoRoom(dirname(file)))) throw fullDisk(dirname(file), fault);
    throw translated(atStart, fault, (message, detail) => ({ message: `${message} (${file}: ${detail})`, cause: fault }));
  }
}

/** True where the disk has no room: as SQLite says it, the system, or a store. */
export function isFull(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && /^(ENOSPC|EDQUOT|SQLITE_FULL|STORAGE_FULL)$/.test(String(cause.code));
}

/** SQLite has other words for it where the write-ahead log, or its index in memory that is a file, finds no room. */
const isUnwritten = (fault: unknown) => fault instanceof SqliteError && /^SQLITE_IOERR_(SHM|WRITE)/.test(fault.code);

/** The index of a write-ahead log grows by 32 KiB. */
const roomBytesMin = 64 * 1024;

function hasNoRoom(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < roomBytesMin;
}

/** A commit that failed may be there all the same: only its receipt can tell, once the disk can be trusted again. */
export function outcomeUnknown(file: string, fault: unknown): VarveError {
  return new VarveError({
    code: 'OUTCOME_UNKNOWN',
    message: 'The disk reported an error while the command was stored: it may have taken effect, or not.',
    hint: 'Send it again with the same commandId: it takes effect once.',
    retryable: true,
    cause: new Error(`${file}: ${textOf(fault)}`, { cause: fault }),
  });
}

/** A start that found no room in its folder. */
export function fullDisk(folder: string, cause: unknown): VarveError {
  return new VarveError({
    code: 'STORAGE_FULL',
    message: `The disk of the data folder ${folder} is full: ${textOf(cause)}.`,
    hint: 'Make room on the disk, or give another data folder with --data, then start again.',
    cause,
  });
}

/** What a call of the system that is not SQLite's own has ended with. */
const isOfSystem = (fault: unknown): fault is Error => fault instanceof Error && 'syscall' in fault;

function translated(
  known: readonly Meaning[],
  fault: unknown,
  say: (message: string, detail: string) => Pick<Fault, 'message' | 'cause'>,
): unknown {
  if (!(fault instanceof SqliteError || isOfSystem(fault))) return fault;
  const ofSqlite = fault instanceof SqliteError ? fault.code : 'SQLITE_IOERR';
  const [, code, message, hint, retryable] = known.find(([prefix]) => ofSqlite.startsWith(prefix)) ?? [];
  if (!code || !message || !hint) return fault;
  return new VarveError({ code, hint, retryable: retryable === true, ...say(message, fault.message) });
}
