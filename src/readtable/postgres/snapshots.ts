import { type Position, type SqlMoment, type SqlMoments, VarveError } from '#base';
import { type Moment, SharedMoments } from '../moments.ts';
import { type Bounds, boundsOf, type SnapshotsOptions, shuttingDown, type Waiting, WaitingLine } from '../pool.ts';
import type { Snapshot, Snapshots } from '../read.ts';
import type { Table } from '../table.ts';
import { passGate } from './gate.ts';
import { Reader, ReaderTexts } from './reader.ts';
import { superseded } from './rebuilt.ts';

/** What may be set of {@link postgresSnapshots}. */
export interface PostgresSnapshotsOptions extends SnapshotsOptions {
  /** By what this program's tables are built, by name (`tableHash`): of a table that was built by something else nothing is read. Left out: nobody looks. */
  readonly hashes?: ReadonlyMap<string, string>;
  /** Of the server that is written to: what was made known of it, all of which each snapshot is to have. Left out: nobody looks. */
  readonly written?: Written;
}

/** What is known of a server that is written to. */
interface Written {
  /** The log's last position that was made known. */
  known(): Position;
  /** Called where a connection leads to a server that lacks it, such as a primary that another one has replaced: the next ones are to be new. */
  renew(): void;
}

/**
 * Snapshots of a PostgreSQL database, which answer by promises: each is a transaction that sees one moment. It begins after it was asked for, at the end of
 * that turn of the event loop, so that it sees every commit answered before (P4); all who asked by then share it, and so do all who wait while as many are out
 * as may be. Its faults are those of SQLite's: `OVERLOADED`, `READ_TOO_LONG`, `SHUTTING_DOWN`, and besides what the database says, such as
 * `STORE_UNAVAILABLE`, and `SUPERSEDED`; all are retryable.
 */
export function postgresSnapshots(moments: SqlMoments, options: PostgresSnapshotsOptions = {}): Snapshots {
  return new Pool(moments, boundsOf(options), options);
}

class Pool implements Snapshots {
  readonly #moments: SqlMoments;
  readonly #bounds: Bounds;
  readonly #hashes: ReadonlyMap<string, string> | undefined;
  readonly #written: Written | undefined;
  readonly #texts = new ReaderTexts();
  readonly #line: WaitingLine;
  readonly #shared: SharedMoments;
  #beginning = 0;
  /** Those for whom a moment is being begun: it may be too early for whoever comes later. */
  readonly #served = new Set<Waiting>();
  #isScheduled = false;
  #closed = false;

  constructor(moments: SqlMoments, bounds: Bounds, { hashes, written }: PostgresSnapshotsOptions) {
    this.#moments = moments;
    this.#bounds = bounds;
    this.#hashes = hashes;
    this.#written = written;
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
      const moment = await this.#present();
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

  /** A moment that has all that is known. Where a new connection leads to none either, there is no such server just now. */
  async #present(): Promise<Moment> {
    const known = this.#written?.known() ?? 0;
    const moment = await this.#begun();
    if (moment.position >= known) return moment;
    moment.close();
    this.#written?.renew();
    const again = await this.#begun();
    if (again.position >= known) return again;
    again.close();
    throw behind(again.position, known);
  }

  async #begun(): Promise<Moment> {
    const sql = await this.#moments.begin();
    try {
      const { position, tables } = await stateOf(sql);
      const standing = new Set(tables);
      const assertOwn = ({ name }: Table): void => {
        if (this.#hashes && !standing.has(noted(name, this.#hashes.get(name)))) throw superseded(name);
      };
      return { position, reader: new Reader(sql, this.#texts, assertOwn), close: () => sql.end() };
    } catch (fault) {
      sql.end();
      throw fault;
    }
  }
}

const behind = (at: Position, known: Position) =>
  new VarveError({
    code: 'STORE_UNAVAILABLE',
    message: `PostgreSQL cannot be used: its log ends at position ${at}, and was known up to ${known}.`,
    hint: 'Ask again in a moment; if that lasts, look whether the URL leads to the primary, and to one of them alone.',
    retryable: true,
  });

interface State {
  readonly position: Position;
  /** The read tables that stand, and what each was built by: see {@link noted}. */
  readonly tables: readonly string[];
}

const noted = (name: string, hash: string | undefined) => `${name} ${hash}`;

/** How the log and its read tables stand, in the moment that begins with it. */
async function stateOf(sql: SqlMoment): Promise<State> {
  const text = `SELECT position, ARRAY(SELECT name || ' ' || hash FROM ${sql.schema}.read_tables) FROM ${sql.schema}.head`;
  const [, [state]] = await Promise.all([passGate(sql), sql.read<readonly [Position, readonly string[]]>(text)]);
  const [position, tables] = state ?? [0, []];
  return { position, tables };
}
