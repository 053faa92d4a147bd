import { statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { limits } from '#base';

/** Bytes of the write-ahead log beside a database file; 0 where there is none. */
export const walBytes = (file: string): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** What may be set of {@link Checkpoints}. */
export interface CheckpointOptions {
  /** Left out: `limits.walBytesMax`. */
  readonly walBytesMax?: number | undefined;
}

/**
 * Keeps the write-ahead log bounded however many read. SQLite's own checkpoints move its pages into the file every `limits.checkpointPages`, but begin
 * it anew only at a moment at which nobody reads in it, which may never come where reads overlap. Past its bound, a commit is therefore followed by
 * one that waits for the readers there are, while new ones read from the file.
 */
export class Checkpoints {
  readonly #file: string;
  readonly #walBytesMax: number;
  #pausedUntilMs = 0;

  constructor(file: string, { walBytesMax = limits.walBytesMax }: CheckpointOptions) {
    this.#file = file;
    this.#walBytesMax = walBytesMax;
  }

  /** @param db the connection that has just committed, outside of a transaction. Never throws: what was committed stays so, and the next try comes. */
  afterCommit(db: Database): void {
    try {
      if (walBytes(this.#file) <= this.#walBytesMax || performance.now() < this.#pausedUntilMs) return;
      // Unless it succeeds.
      this.#pausedUntilMs = performance.now() + limits.walCutPauseMs;
      this.#cut(db);
      if (walBytes(this.#file) <= this.#walBytesMax) this.#pausedUntilMs = 0;
    } catch {
      // As with SQLite's own checkpoints: pages that did not get into the file stay in the write-ahead log, and are written again.
    }
  }

  #cut(db: Database): void {
    const waitMs = db.pragma('busy_timeout', { simple: true });
    try {
      // Whoever reads in this same thread lets go of it only when this is over, so it must not wait for long.
      db.pragma(`busy_timeout = ${limits.walCutWaitMs}`);
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.pragma(`busy_timeout = ${waitMs}`);
    }
  }
}
