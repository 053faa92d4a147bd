import type Database from 'better-sqlite3';
import { VarveError } from '#base';
import { checkFile } from './check.ts';
import { openConnection } from './connection.ts';
import { withFaults } from './faults.ts';
import { lastApplied } from './migrate.ts';

/**
 * A connection that only reads a log, which a server may be writing to meanwhile. Throws `NO_LOG`, `LOG_TOO_NEW`, and what {@link checkFile} throws.
 */
export function openLogToRead(file: string): Database.Database {
  if (!withFaults(file, () => checkFile(file))) throw noLog(file);
  const db = withFaults(file, () => openConnection(file, { readonly: true }));
  try {
    if (lastApplied(db) === 0) throw noLog(file);
    return db;
  } catch (fault) {
    db.close();
    throw fault;
  }
}

/** Throws where {@link openLogToRead} would. */
export const assertLog = (file: string): void => void openLogToRead(file).close();

const noLog = (file: string) =>
  new VarveError({ code: 'NO_LOG', message: `There is no log ${file}.`, hint: "Give a server's data folder with --data." });
