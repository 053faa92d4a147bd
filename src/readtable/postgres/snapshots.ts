import type { Position, SqlMoment, SqlMoments } from '#base';
import { type Moment, SharedMoments } from '../moments.ts';
import { type Bounds, boundsOf, type SnapshotsOptions, shuttingDown, type Waiting, WaitingLine } from '../pool.ts';
import type { Snapshot, Snapshots } from '../read.ts';
import { passGate } from './gate.ts';
import { Reader, ReaderTexts } from './reader.ts';

/**
 * Snapshots of a PostgreSQL database, which answer by promises: each is a transaction that sees one moment. It begins after it was asked for, at the end of
 * that turn of the event loop, so that it sees every commit answered before (P4); all who asked by then share it, and so do all who wait while as many are out
 * as may be. Its faults are those of SQLite's: `OVERLOADED`, `READ_TOO_LONG`, `SHUTTING_DOWN`, and besides what the database says, such as
 * `STORE_UNAVAILABLE`; all are retryable.
 */
export function postgresSnapshots(moments: SqlMoments, options: SnapshotsOptions = {}): Snapshots {
  return new Pool(moments, boundsOf(options));
}

class Pool implements Snapshots {
  readonly #moments: SqlMoments;
  readonly #bounds: Bounds;
  readonly #texts = new ReaderTexts();
  readonly #line: WaitingLine;
  readonly #shared: SharedMoments;
  #beginning = 0;
  /** Those for whom a moment is being begun: it may be too early for whoever comes later. */
  readonly #served = new Set<Waiting>();
  #isScheduled = false;
  #closed = false;

  constructor(moments: SqlMoments, bounds: Bounds) {
    this.#moments = moments;
    this.#bounds = bounds;
    this.#line = new WaitingLine(bounds);
    this.#shared = new SharedMoments(bounds, this.#line, () => this.#schedule());
  }

  async take(): Promise<Snapshot> {
    if (this.#closed) throw shuttingDown();
    this.#schedule();
    return this.#line.wait();
  }

  close(): void {
    this.#closed = true;
    this.#shared.close();
    this.#line.close();
  }

  /** At the end of the turn: what has been asked for by then was asked for before the moment. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#next();
    });
  }

  async #next(): Promise<void> {
    const group = this.#line.all().filter((waiting) => !this.#served.has(waiting));
    if (group.length === 0 || this.#shared.count + this.#beginning >= this.#bounds.size) return;
    for (const waiting of group) this.#served.add(waiting);
    this.#beginning += 1;
    try {
      const moment = await this.#begun();
      this.#beginning -= 1;
      // Some may have waited for too long.
      const there = group.filter((waiting) => this.#line.wake(waiting));
      for (const [i, snapshot] of this.#shared.begun(moment, there.length).entries()) there[i]?.resolve(snapshot);
    } catch (fault) {
      this.#beginning -= 1;
      for (const waiting of group) this.#line.wake(waiting)?.reject(fault);
    } finally {
      for (const waiting of group) this.#served.delete(waiting);
      this.#schedule();
    }
  }

  async #begun(): Promise<Moment> {
    const sql = await this.#moments.begin();
    try {
      return { position: await positionOf(sql), reader: new Reader(sql, this.#texts), close: () => sql.end() };
    } catch (fault) {
      sql.end();
      throw fault;
    }
  }
}

/** The log's last position, in the moment that begins with it. */
async function positionOf(sql: SqlMoment): Promise<Position> {
  const [, [head]] = await Promise.all([passGate(sql), sql.read<readonly [Position]>(`SELECT position FROM ${sql.schema}.head`)]);
  return head?.[0] ?? 0;
}
