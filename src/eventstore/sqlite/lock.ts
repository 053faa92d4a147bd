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
  return lock(folder, holder, { lock: 'lock', holder: 'holder.json', inUse });
}

/**
 * Takes the rebuilding of a data folder's read tables for this process alone, whoever has the folder. Throws `REBUILD_UNDER_WAY`, naming who rebuilds.
 *
 * @param holder what the process is, for the message that another one prints
 */
export function lockRebuild(folder: string, holder: string): Lock {
  return lock(folder, holder, { lock: 'rebuild.lock', holder: 'rebuild.json', inUse: underWay });
}

interface Files {
  readonly lock: string;
  readonly holder: string;
  readonly inUse: (folder: string, holderFile: string, cause: unknown) => VarveError;
}

function lock(folder: string, holder: string, files: Files): Lock {
  const holderFile = join(folder, files.holder);
  const db = openLock(folder, join(folder, files.lock));
  try {
    // Nothing is ever written to it: no journal, so that nothing is left behind either.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(holderFile, `${JSON.stringify({ pid: process.pid, host: hostname(), since: systemClock.now(), holder })}\n`);
  } catch (cause) {
    db.close();
    throw codeOf(cause).startsWith('SQLITE_BUSY') ? files.inUse(folder, holderFile, cause) : noLock(folder, cause);
  }
  return {
    release: () => {
      if (!db.open) return;
      try {
        rmSync(holderFile, { force: true });
      } catch {
        // On a disk that fails it stays, and is written over by whoever holds the folder next. What had failed before is what is to be told.
      }
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

const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : '');

function noLock(folder: string, cause: unknown): VarveError {
  if (isFull(cause)) return fullDisk(folder, cause);
  return new VarveError({
    code: 'DATA_FOLDER_NOT_WRITABLE',
    message: `The data folder ${folder} cannot be locked by a file in it: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Give another data folder with --data, or move its files lock, holder.json, rebuild.lock and rebuild.json away: nothing is kept in them.',
    cause,
  });
}

function inUse(folder: string, holderFile: string, cause: unknown): VarveError {
  return new VarveError({
    code: 'DATA_FOLDER_IN_USE',
    message: `The data folder ${folder} is in use by ${whoHolds(holderFile)}.`,
    hint: 'Stop that process, or give another folder with --data. A folder has one process at a time.',
    cause,
  });
}

const underWay = (folder: string, holderFile: string, cause: unknown) =>
  new VarveError({
    code: 'REBUILD_UNDER_WAY',
    message: `The read tables in ${folder} are being rebuilt by ${whoHolds(holderFile)}.`,
    hint: 'Wait for its end, or stop it: then the old tables go on standing.',
    retryable: true,
    cause,
  });

function whoHolds(holderFile: string): string {
  try {
    const { pid, host, since, holder } = JSON.parse(readFileSync(holderFile, 'utf8')) as Record<string, unknown>;
    return `process ${String(pid)} (${String(holder)}) on ${String(host)}, since ${String(since)}`;
  } catch {
    return 'another process';
  }
}
