import { VarveError } from '#base';
import { assertLog, lockDataFolder, openBeside, openSqliteStore, type SqliteStore } from '#eventstore';
import { logFile } from './place.ts';

/**
 * Runs work that writes to a log: with the data folder for itself where nobody has it, else beside the server that does. Throws `NO_LOG` where there is
 * none, and what opening a log throws.
 *
 * @param holder what the process is, for the message that another one prints
 */
export async function withLog<T>(folder: string, holder: string, work: (log: SqliteStore, isBeside: boolean) => Promise<T>): Promise<T> {
  assertLog(logFile(folder));
  const lock = lockIfFree(folder, holder);
  try {
    const log = lock ? openSqliteStore(logFile(folder)) : openBeside(logFile(folder), () => lockIfFree(folder, holder));
    try {
      return await work(log, !lock);
    } finally {
      await log.close();
    }
  } finally {
    lock?.release();
  }
}

/** The folder's lock; undefined where a server has it. */
function lockIfFree(folder: string, holder: string) {
  try {
    return lockDataFolder(folder, holder);
  } catch (fault) {
    if (fault instanceof VarveError && fault.code === 'DATA_FOLDER_IN_USE') return undefined;
    throw fault;
  }
}
