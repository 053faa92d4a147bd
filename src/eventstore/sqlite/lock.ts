import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock, VarveError } from '#base';
import { fullDisk, isFull } from './faults.ts';
import { prepareFolder } from './sqlite.ts';

/** A data folder that is ours until it is released, or until this process ends, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * Takes a data folder for this process alone. The lock is SQLite's own on a file that holds nothing: the system frees it when a process dies.
 * Throws `DATA_FOLDER_IN_USE`, naming who holds it, and `STORAGE_FULL`.
 *
 * @param holder what the process is, for the message that another one prints
 */
export function lockDataFolder(folder: string, holder: string): Lock {
  prepareFolder(folder);
  const file = join(folder, 'lock');
  const db = openLock(folder, file);
  try {
    // Nothing is ever written to it: no journal, so that nothing is left behind either.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(holderFile(folder), `${JSON.stringify({ pid: process.pid, host: hostname(), since: systemClock.now(), holder })}\n`);
  } catch (cause) {
    db.close();
    throw codeOf(cause).startsWith('SQLITE_BUSY') ? inUse(folder, cause) : noLock(folder, cause);
  }
  return {
    release: () => {
      if (!db.open) return;
      rmSync(holderFile(folder), { force: true });
      db.close();
    },
  };
}

function openLock(folder: string, file: string): Database.Database {
  try {
    return new Database(file, { timeout: 0 });
  } catch (cause) {
    throw noLock(folder, cause);
  }
}

const holderFile = (folder: string) => join(folder, 'holder.json');

const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : '');

function noLock(folder: string, cause: unknown): VarveError {
  if (isFull(cause)) return fullDisk(folder, cause);
  return new VarveError({
    code: 'DATA_FOLDER_NOT_WRITABLE',
    message: `The data folder ${folder} cannot be locked by its files lock and holder.json: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Give another data folder with --data, or move those two away: nothing is kept in them.',
    cause,
  });
}

function inUse(folder: string, cause: unknown): VarveError {
  return new VarveError({
    code: 'DATA_FOLDER_IN_USE',
    message: `The data folder ${folder} is in use by ${whoHolds(folder)}.`,
    hint: 'Stop that process, or give another folder with --data. A folder has one process at a time.',
    cause,
  });
}

function whoHolds(folder: string): string {
  try {
    const { pid, host, since, holder } = JSON.parse(readFileSync(holderFile(folder), 'utf8')) as Record<string, unknown>;
    return `process ${String(pid)} (${String(holder)}) on ${String(host)}, since ${String(since)}`;
  } catch {
    return 'another process';
  }
}
