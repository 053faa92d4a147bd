import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { type Position, VarveError } from '#base';
import type { Awaitable, EventStore, StoredEvent, WriteTransaction } from '../port.ts';
import { turns } from '../turns.ts';
import { chainPages } from './chain.ts';
import { type CheckOptions, checkFile } from './check.ts';
import { makeFile, openConnection } from './connection.ts';
import { fullDisk, isFull, storageFault, withFaults } from './faults.ts';
import { firstOfEachShape, LogWriter } from './log.ts';
import { migrateLog } from './migrate.ts';
import { openSqliteReader, type SqliteReader } from './reader.ts';

/** A log in one SQLite file, with its read tables beside it. */
export interface SqliteStore extends EventStore<Database.Database>, SqliteReader {
  readonly kind: 'sqlite';
  position(): Position;
  /** The first event of each type and version of its shape: what a program must understand at least. */
  firstOfEachShape(): readonly StoredEvent[];
}

/** Makes the folder where it is not there. Throws `DATA_FOLDER_NOT_WRITABLE` and `STORAGE_FULL`. */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
    if (!statSync(folder).isDirectory()) throw new Error('it is no folder');
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (isFull(cause)) throw fullDisk(folder, cause);
    throw new VarveError({
      code: 'DATA_FOLDER_NOT_WRITABLE',
      message: `The data folder ${folder} cannot be written to: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Give the user that runs this the right to write there, or give another folder with --data.',
      cause,
    });
  }
}

/** One by one: told to make them all, Node tries for ever on a file system that takes none, such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (fault) {
    // Another process that starts may have been quicker.
    if (!existsSync(folder)) throw fault;
  }
}

/**
 * Opens the log in a file, made where it is not there. What is no log, is damaged or was written by a newer version is refused before
 * anything is written: `NOT_A_LOG`, `STORAGE_CORRUPT`, `LOG_TOO_NEW`, `IMPORT_UNFINISHED`.
 */
export function openSqliteStore(file: string, options: CheckOptions = {}): SqliteStore {
  prepareFolder(dirname(file));
  withFaults(file, () => checkFile(file, options) || makeFile(file, options));
  const writer = withFaults(file, () => openConnection(file));
  try {
    withFaults(file, () => migrateLog(writer, file));
    return withFaults(file, () => new Store(file, writer).store());
  } catch (fault) {
    writer.close();
    throw fault;
  }
}

class Store {
  readonly #file: string;
  readonly #db: Database.Database;
  readonly #writer: LogWriter;
  readonly #reader: SqliteReader;
  readonly #takeTurn = turns();
  readonly #begin;
  readonly #commit;
  readonly #rollback;

  constructor(file: string, db: Database.Database) {
    this.#file = file;
    this.#db = db;
    this.#writer = new LogWriter(db);
    this.#reader = openSqliteReader(file);
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
  }

  store(): SqliteStore {
    return {
      ...this.#reader,
      transaction: (work) => this.#takeTurn(() => this.#transact(work)),
      append: (events, condition) => this.#takeTurn(() => this.#transact((transaction) => transaction.append(events, condition))),
      chain: (after) => chainPages(this.#reader.openReader(), after),
      firstOfEachShape: () => withFaults(this.#file, () => firstOfEachShape(this.#db)),
      close: async () => {
        await this.#reader.close();
        this.#db.close();
      },
    };
  }

  async #transact<T>(work: (transaction: WriteTransaction<Database.Database>) => Awaitable<T>): Promise<T> {
    try {
      this.#begin.run();
      const done = await work(this.#transaction());
      this.#commit.run();
      return done;
    } catch (fault) {
      if (this.#db.inTransaction) this.#rollback.run();
      this.#writer.reload();
      throw storageFault(fault, this.#file);
    }
  }

  #transaction(): WriteTransaction<Database.Database> {
    return {
      ...this.#writer.reader,
      connection: this.#db,
      append: (events, condition) => this.#writer.append(events, condition),
      keepReceipt: (receipt) => this.#writer.keepReceipt(receipt),
    };
  }
}
