import { ftruncateSync, statSync } from 'node:fs';
import type { Database, Statement } from 'better-sqlite3';
import { assert, limits } from '#base';
import { descriptorOf } from './descriptor.ts';

/** Bytes of the write-ahead log beside a database file; 0 where there is none. */
export const walBytes = (file: string): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

type Answer = readonly [isBusy: 0 | 1, pages: number, moved: number];
const askings = new WeakMap<Database, Statement<[], Answer>>();

interface WalState {
  readonly pages: number;
  readonly moved: number;
}

/** How many pages of the write-ahead log hold what is committed, and how many of them are in the file too. */
export function walState(db: Database): WalState {
  const asking = askings.get(db) ?? db.prepare<[], Answer>('PRAGMA wal_checkpoint(NOOP)').raw();
  askings.set(db, asking);
  const [, pages, moved] = asking.get() ?? [0, 0, 0];
  return { pages: Math.max(0, pages), moved };
}

/**
 * Moves the write-ahead log's pages into the file, as far as those who read let it, and syncs it. Where that fails, the file is cut back to where it ended: what it has
 * grown by may be on no disk, and what is written over it later would not be either (docs/decisions/027); all of it is still in the
 * write-ahead log. Throws what SQLite throws.
 */
export function checkpoint(db: Database, mode: 'PASSIVE' | 'TRUNCATE'): void {
  const [{ size }, before] = [statSync(db.name), walState(db)];
  try {
    db.pragma(`wal_checkpoint(${mode})`);
  } catch (fault) {
    if (isAsBefore(before, walState(db))) ftruncateSync(descriptorOf(db.name), size);
    throw fault;
  }
}

/**
 * Else the pages were there, and what failed came after: also where the write-ahead log, all of it moved, has begun anew and could not be cut back, for then
 * it has no pages.
 */
const isAsBefore = (before: WalState, after: WalState): boolean => after.moved === before.moved && after.pages >= before.pages;

/** What may be set of {@link Checkpoints}. */
export interface CheckpointOptions {
  /** Left out: `limits.walBytesMax`. */
  readonly walBytesMax?: number | undefined;
  /** Where another process has the log, and moves its pages: takes the folder from one that is gone, undefined where it is there. Left out: this process has the log. */
  readonly takeFolder?: TakeFolder | undefined;
}

/** Takes the log's folder, until it is released, where no other process has it. */
export type TakeFolder = () => { release(): void } | undefined;

/**
 * Moves the write-ahead log's pages into the file every `limits.checkpointPages`, in the place of SQLite's own checkpoints, which do not say that they failed; and keeps the
 * log bounded however many read. It begins anew only at a moment at which nobody reads in it, which may never come where reads overlap. Past its bound, a
 * commit is therefore followed by a checkpoint that waits for the readers there are, while new ones read from the file.
 */
export class Checkpoints {
  readonly #file: string;
  readonly #walBytesMax: number;
  readonly #takeFolder: TakeFolder | undefined;
  #pausedUntilMs = 0;

  constructor(file: string, { walBytesMax = limits.walBytesMax, takeFolder }: CheckpointOptions) {
    this.#file = file;
    this.#takeFolder = takeFolder;
    this.#walBytesMax = walBytesMax;
  }

  /** @param db the connection that has just committed, outside of a transaction. Never throws: what was committed stays so, and the next try comes. */
  afterCommit(db: Database): void {
    if (performance.now() < this.#pausedUntilMs) return;
    // Pages that did not get into the file stay in the write-ahead log, and are written again.
    const isWell = isDone(() => {
      const bytes = walBytes(this.#file);
      if (this.#takeFolder) this.#cutBeside(db, bytes, this.#takeFolder);
      else if (bytes > this.#walBytesMax) this.#cut(db);
      else if (isDue(db, bytes)) checkpoint(db, 'PASSIVE');
    });
    if (!isWell) this.#pausedUntilMs = performance.now() + limits.walCutPauseMs;
  }

  /** The process that has the log cuts it back. Where that one is gone nobody would: then it is done here, and the folder taken for as long as it takes. */
  #cutBeside(db: Database, bytes: number, takeFolder: TakeFolder): void {
    if (bytes <= this.#walBytesMax) return;
    const folder = takeFolder();
    assert(folder, 'The process that has the log is there.');
    try {
      this.#cut(db);
    } finally {
      folder.release();
    }
  }

  #cut(db: Database): void {
    const waitMs = db.pragma('busy_timeout', { simple: true });
    try {
      // Whoever reads in this same thread lets go of it only when this is over, so it must not wait for long.
      db.pragma(`busy_timeout = ${limits.walCutWaitMs}`);
      checkpoint(db, 'TRUNCATE');
    } finally {
      db.pragma(`busy_timeout = ${waitMs}`);
    }
    assert(walBytes(this.#file) <= this.#walBytesMax, 'Somebody still reads in the write-ahead log.');
  }
}

/** The smallest page that SQLite has. */
const pageBytesMin = 512;

/** A write-ahead log's size says how many pages there are in it at most; how many, SQLite says. */
const isDue = (db: Database, bytes: number): boolean =>
  bytes >= limits.checkpointPages * pageBytesMin && walState(db).pages >= limits.checkpointPages;

/** False where it threw: it is tried again some time. */
export function isDone(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
