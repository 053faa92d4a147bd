import type Database from 'better-sqlite3';
import { VarveError } from '#base';

/**
 * A log that an import has not finished says so in the file's own header (SQLite's `user_version`, which nothing else here uses): in the import's
 * transactions, and with the file wherever it is copied to.
 */
const unfinished = 1;

/** True where an import has not ended. */
export const isUnfinished = (db: Database.Database): boolean => db.pragma('user_version', { simple: true }) === unfinished;

/** Marks a log, or takes the mark away; in the caller's transaction. */
export const markUnfinished = (db: Database.Database, is: boolean): void => void db.pragma(`user_version = ${is ? unfinished : 0}`);

/** Half a log must not be taken for a whole one. */
export const importUnfinished = (file: string): VarveError =>
  new VarveError({
    code: 'IMPORT_UNFINISHED',
    message: `${file} holds a part of a log: taking one in was not ended.`,
    hint: 'Run the same `varve import` or `varve move` again, which goes on after what is there; or remove the data folder.',
  });
