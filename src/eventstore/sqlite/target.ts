import type Database from 'better-sqlite3';
import type { ImportTarget } from '../exchange/importing.ts';
import type { SqliteStore } from './sqlite.ts';
import { isUnfinished, markUnfinished } from './unfinished.ts';

/** A log in a data folder, for another one to be taken into. It was opened as one that may be unfinished. */
export const sqliteTarget = (store: SqliteStore): ImportTarget<Database.Database> => ({
  store,
  name: 'The data folder',
  another: 'give a data folder that is not there yet, or is empty',
  isUnfinished,
  markUnfinished,
  countReceipts: (db) => db.prepare<[], number>('SELECT count(*) FROM commands').pluck().get() ?? 0,
  disown: (db) => void db.exec("UPDATE read_tables SET hash = ''; DELETE FROM reactions"),
});
