import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { type Position, VarveError } from '#base';
import type { Awaitable, EventStore, Moment, StoredEvent, WriteTransaction } from '../port.ts';
import { turns } from '../turns.ts';
import { chainPages } from './chain.ts';
import { type CheckOptions, checkFile } from './check.ts';
import { type CheckpointOptions, Checkpoints, checkpoint, isDone, type TakeFolder } from './checkpoints.ts';
import { makeFile, openConnection } from './connection.ts';
import { fullDisk, isFull, outcomeUnknown, storageFault, withFaults } from './faults.ts';
import { firstOfEachShape, LogWriter, logReader } from './log.ts';
import { migrateLog, migrationState, tooOld } from './migrate.ts';
import { openLogToRead } from './opening.ts';
import { openSqliteReader, type SqliteReader } from './reader.ts';
import { cutWal, renewWal } from './renew.ts';
import { syncFolder } from './syncfolder.ts';

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
  syncFolder(dirname(folder));
}

/** What may be set of {@link openSqliteStore}. */
interface OpenOptions extends CheckOptions, CheckpointOptions {
  /** True where this process has the log open already, and has looked at it: whoever closes a file takes away all locks that its process has on it, SQLite's too. */
  readonly isOpenHere?: boolean;
}

/**
 * Opens the log in a file, made where it is not there. What is no log, is damaged or was written by a newer version is refused before
 * anything is written: `NOT_A_LOG`, `STORAGE_CORRUPT`, `LOG_TOO_NEW`, `IMPORT_UNFINISHED`.
 */
export function openSqliteStore(file: string, options: OpenOptions = {}): SqliteStore {
  if (!options.isOpenHere) {
    prepareFolder(dirname(file));
    withFaults(file, () => checkFile(file, options) || makeFile(file, options));
    withFaults(file, () => renewWal(file));
  }
  const writer = withFaults(file, () => openConnection(file));
  try {
    withFaults(file, () => settle(writer));
    withFaults(file, () => migrateLog(writer));
    return withFaults(file, () => new Store(file, writer, options).store());
  } catch (fault) {
    writer.close();
    throw fault;
  }
}

/**
 * Opens a log beside the process that has its folder: it is not migrated, nor is anything taken from what a crash left. Throws `NO_LOG`, `LOG_TOO_OLD`,
 * and what {@link openSqliteStore} throws.
 *
 * @param takeFolder takes the folder where that process is gone: then the write-ahead log is cut back here. Left out: never
 */
export function openBeside(file: string, takeFolder: TakeFolder = () => undefined): SqliteStore {
  const reader = openLogToRead(file);
  const state = migrationState(reader);
  reader.close();
  if (state === 'older') throw tooOld(file);
  const writer = withFaults(file, () => openConnection(file));
  return new Store(file, writer, { takeFolder }).store();
}

/** Opens a log once more, for another thread of the process that has its folder and has looked at it. Throws what SQLite and the system throw, as a fault. */
export function openInThread(file: string): SqliteStore {
  const writer = withFaults(file, () => openConnection(file));
  return new Store(file, writer, { isShared: true }).store();
}

/**
 * What a killed process left in the write-ahead log is seen now, also a commit whose sync failed: it was answered as unknown, and may be on no disk. So
 * all of it is written to the file and synced before anyone is shown it.
 */
function settle(db: Database.Database): void {
  checkpoint(db, 'PASSIVE');
}

class Store {
  readonly #file: string;
  readonly #reader: SqliteReader;
  readonly #checkpoints: Checkpoints;
  /** Another process has the log, and moves the write-ahead log into the file. */
  readonly #isBeside: boolean;
  /** Somebody else writes to it too. */
  readonly #isShared: boolean;
  readonly #takeTurn = turns();
  #writing: Writing;

  constructor(file: string, db: Database.Database, { isShared = false, ...options }: CheckpointOptions & { readonly isShared?: boolean }) {
    this.#file = file;
    this.#isBeside = options.takeFolder !== undefined;
    this.#isShared = isShared || this.#isBeside;
    this.#checkpoints = new Checkpoints(file, options);
    this.#reader = openSqliteReader(file);
    this.#writing = writingOn(db);
  }

  store(): SqliteStore {
    return {
      ...this.#reader,
      transaction: (work) => this.#takeTurn(() => this.#transact(work)),
      reading: (work) => this.#takeTurn(() => this.#read(work)),
      append: (events, condition) => this.#takeTurn(() => this.#transact((transaction) => transaction.append(events, condition))),
      chain: (after) => chainPages(this.#reader.openReader(), after),
      firstOfEachShape: () => withFaults(this.#file, () => firstOfEachShape(this.#writing.db)),
      close: async () => {
        await this.#reader.close();
        // Else SQLite does it as the last connection closes, and does not say that it failed.
        if (this.#writing.db.open && !this.#isBeside) isDone(() => checkpoint(this.#writing.db, 'PASSIVE'));
        this.#writing.db.close();
      },
    };
  }

  async #transact<T>(work: (transaction: WriteTransaction<Database.Database>) => Awaitable<T>): Promise<T> {
    // A connection that could not be opened again after a failed commit is asked for once more.
    if (!this.#writing.db.open) this.#reopen();
    const { db, log, begin, rollback } = this.#writing;
    try {
      begin.run();
      if (this.#isShared) log.reload();
      const done = await work(transactionOn(db, log));
      this.#commit();
      this.#checkpoints.afterCommit(db);
      return done;
    } catch (fault) {
      if (db.open && db.inTransaction) rollback.run();
      if (db.open) log.reload();
      throw storageFault(fault, this.#file);
    }
  }

  /** A deferred transaction takes no lock, and its first read says which moment it is. */
  async #read<T>(work: (moment: Moment<Database.Database>) => Awaitable<T>): Promise<T> {
    if (!this.#writing.db.open) this.#reopen();
    const { db, reader, look, rollback } = this.#writing;
    try {
      look.run();
      reader.position();
      return await work({ ...reader, connection: db });
    } catch (fault) {
      throw storageFault(fault, this.#file);
    } finally {
      if (db.open && db.inTransaction) rollback.run();
    }
  }

  /**
   * An error at commit is no rollback: its last frame may be in the write-ahead log, and whoever finds it there after a crash takes it for
   * committed. That is not so where the disk was full, for then that frame was not written. What SQLite and the system have in memory is not trusted
   * after it (https://lwn.net/Articles/752063/): the connection is closed, and whatever comes next begins with a new one.
   */
  #commit(): void {
    try {
      this.#writing.commit.run();
    } catch (fault) {
      if (isFull(fault)) throw fault;
      this.#writing.db.close();
      throw outcomeUnknown(this.#file, fault);
    }
  }

  /** What the commit that failed has left is cut off first: what comes next is not built on it. Until that has gone well nothing is written. */
  #reopen(): void {
    try {
      const db = openConnection(this.#file);
      try {
        cutWal(db);
        this.#writing = writingOn(db);
      } catch (fault) {
        db.close();
        throw fault;
      }
    } catch (fault) {
      throw storageFault(fault, this.#file);
    }
  }
}

/** A connection that writes, with what is prepared on it. */
type Writing = ReturnType<typeof writingOn>;

const writingOn = (db: Database.Database) => ({
  db,
  log: new LogWriter(db),
  reader: logReader(db),
  begin: db.prepare('BEGIN IMMEDIATE'),
  look: db.prepare('BEGIN DEFERRED'),
  commit: db.prepare('COMMIT'),
  rollback: db.prepare('ROLLBACK'),
});

const transactionOn = (connection: Database.Database, log: LogWriter): WriteTransaction<Database.Database> => ({
  ...log.reader,
  connection,
  append: (events, condition) => log.append(events, condition),
  keepReceipt: (receipt) => log.keepReceipt(receipt),
  forgetReceipts: (upTo, afterId) => log.forgetReceipts(upTo, afterId),
});
