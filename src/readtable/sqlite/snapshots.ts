import type { Database } from 'better-sqlite3';
import type { Position } from '#base';
import { SharedMoments } from '../moments.ts';
import { type Bounds, boundsOf, type SnapshotsOptions, shuttingDown, WaitingLine } from '../pool.ts';
import type { Snapshot, Snapshots } from '../read.ts';
import { Reader } from './reader.ts';

/** What may be set of snapshots of a SQLite file. */
export interface SqliteSnapshotsOptions extends SnapshotsOptions {
  /**
   * The log's last position that was made known. Where it is given, whoever asks for a snapshot while the last one that was taken has seen all that is
   * known gets that one too: so reads cost no transaction each. Left out: nobody gets one that was begun before it was asked for.
   */
  readonly known?: (() => Position) | undefined;
}

/**
 * Snapshots of a SQLite file: each is a read transaction on a pooled connection, begun when it is handed out, or since nothing more is known, so that it
 * sees every commit answered before (P4). Where all are out, `take` waits its turn; where too many wait, or its turn does not come in time, it
 * rejects with `OVERLOADED` (retryable), after `close` with `SHUTTING_DOWN` (retryable). One that is kept too long throws `READ_TOO_LONG` (retryable) when it is
 * read from: for its sake the write-ahead log grows with every commit.
 *
 * @param openReader opens a connection for reading only; called when it is first needed
 */
export function sqliteSnapshots(openReader: () => Database, { known, ...options }: SqliteSnapshotsOptions = {}): Snapshots {
  return new Pool(openReader, boundsOf(options), known);
}

class Pool implements Snapshots {
  readonly #openReader: () => Database;
  readonly #bounds: Bounds;
  readonly #idle: Connection[] = [];
  readonly #line: WaitingLine;
  readonly #moments: SharedMoments;
  #closed = false;

  constructor(openReader: () => Database, bounds: Bounds, known: SqliteSnapshotsOptions['known']) {
    this.#openReader = openReader;
    this.#bounds = bounds;
    this.#line = new WaitingLine(bounds);
    this.#moments = new SharedMoments(bounds, this.#line, () => this.#next(), known);
  }

  async take(): Promise<Snapshot> {
    if (this.#closed) throw shuttingDown();
    return this.#now() ?? this.#line.wait();
  }

  takeNow(): Snapshot | undefined {
    return this.#closed ? undefined : this.#now();
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) connection.close();
    this.#moments.close();
    this.#line.close();
  }

  /** A snapshot without waiting: of the last moment that was looked at, where nothing is known to have come since, or of a new one. */
  #now(): Snapshot | undefined {
    return this.#moments.present() ?? (this.#isFull ? undefined : this.#begin());
  }

  get #isFull(): boolean {
    return this.#moments.count >= this.#bounds.size;
  }

  #begin(): Snapshot | undefined {
    const connection = this.#idle.pop() ?? new Connection(this.#openReader());
    try {
      const [snapshot] = this.#moments.begun({
        position: connection.begin(),
        reader: connection.reader,
        close: () => this.#takeBack(connection),
      });
      return snapshot;
    } catch (fault) {
      // What a connection is worth after a failure nobody knows: the next one is new.
      connection.close();
      throw fault;
    }
  }

  #takeBack(connection: Connection): void {
    connection.end();
    if (this.#closed) connection.close();
    else this.#idle.push(connection);
  }

  /** Whoever has waited longest gets the free place. */
  #next(): void {
    for (const waiting of this.#line.all()) {
      if (this.#isFull) return;
      this.#line.wake(waiting);
      try {
        const snapshot = this.#begin();
        if (snapshot) waiting.resolve(snapshot);
      } catch (fault) {
        waiting.reject(fault);
      }
    }
  }
}

/** A pooled connection: in a read transaction, or idle. */
class Connection {
  readonly #db: Database;
  readonly #begin;
  readonly #end;
  readonly reader: Reader;

  constructor(db: Database) {
    this.#db = db;
    this.#begin = db.prepare('BEGIN DEFERRED');
    this.#end = db.prepare('COMMIT');
    this.reader = new Reader(db);
  }

  /** Begins, and reads at once: only the first read fixes what a deferred transaction sees. */
  begin(): Position {
    this.#begin.run();
    return this.reader.position();
  }

  /** Whoever opened the connection may have closed it at shutdown, while its snapshot was out: then the transaction has ended. */
  end(): void {
    if (this.#db.open) this.#end.run();
  }

  close(): void {
    this.#db.close();
  }
}
