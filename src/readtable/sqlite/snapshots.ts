import type { Database } from 'better-sqlite3';
import { assert, limits, type Position, VarveError } from '#base';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import type { Condition, Page, PageRequest, Snapshot, Snapshots } from '../read.ts';
import type { AnyRow, Table } from '../table.ts';
import { Reader } from './reader.ts';

/** What may be set of {@link sqliteSnapshots}. */
export interface SnapshotsOptions {
  /** How many snapshots may be out at a time, each on a connection of its own; left out: `limits.snapshotsMax`. */
  readonly size?: number;
  /** How many may wait for one; left out: `limits.snapshotsWaitingMax`. */
  readonly waitingMax?: number;
  /** How long one may wait; left out: `limits.snapshotWaitMs`. */
  readonly waitMs?: number;
  /** How long one may be kept at least, before its reads are refused; left out: `limits.snapshotHoldMs`. */
  readonly holdMs?: number;
  /**
   * The log's last position that was made known. Where it is given, whoever asks for a snapshot while the last one that was taken has seen all that is
   * known gets that one too: so reads cost no transaction each. Left out: each is begun anew.
   */
  readonly known?: () => Position;
}

/**
 * Snapshots of a SQLite file: each is a read transaction on a pooled connection, begun when it is handed out, or since nothing more is known, so that it
 * sees every commit answered before (P4). Where all are out, `take` waits its turn; where too many wait, or its turn does not come in time, it
 * rejects with `OVERLOADED` (retryable), after `close` with `SHUTTING_DOWN` (retryable). One that is kept too long throws `READ_TOO_LONG` (retryable) when it is
 * read from: for its sake the write-ahead log grows with every commit.
 *
 * @param openReader opens a connection for reading only; called when it is first needed
 */
export function sqliteSnapshots(
  openReader: () => Database,
  {
    size = limits.snapshotsMax,
    waitingMax = limits.snapshotsWaitingMax,
    waitMs = limits.snapshotWaitMs,
    holdMs = limits.snapshotHoldMs,
    known = () => Number.POSITIVE_INFINITY,
  }: SnapshotsOptions = {},
): Snapshots {
  return new Pool(openReader, { size, waitingMax, waitMs, holdMs, known });
}

interface Waiting {
  readonly resolve: (snapshot: Snapshot) => void;
  readonly reject: (fault: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

class Pool implements Snapshots {
  readonly #openReader: () => Database;
  readonly #bounds: Required<SnapshotsOptions>;
  readonly #idle: Connection[] = [];
  /** In the order of their coming. */
  readonly #waiting = new Set<Waiting>();
  readonly #out = new Set<Moment>();
  readonly #watch: NodeJS.Timeout;
  #looks = 0;
  #closed = false;
  /** The last transaction that was begun: whoever may share one shares it. */
  #last: Moment | undefined;

  constructor(openReader: () => Database, bounds: Required<SnapshotsOptions>) {
    this.#openReader = openReader;
    this.#bounds = bounds;
    this.#watch = setInterval(() => this.#endKeptTooLong(), bounds.holdMs / 2).unref();
  }

  async take(): Promise<Snapshot> {
    if (this.#closed) throw shuttingDown();
    const now = this.#now();
    if (now) return now;
    const { waitingMax } = this.#bounds;
    if (this.#waiting.size >= waitingMax) throw overloaded(`${waitingMax} reads are waiting already.`);
    return this.#wait();
  }

  takeNow(): Snapshot | undefined {
    return this.#closed ? undefined : this.#now();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    for (const connection of this.#idle.splice(0)) connection.close();
    if (this.#last?.users === 0) this.#end(this.#last);
    for (const waiting of [...this.#waiting]) this.#wake(waiting).reject(shuttingDown());
  }

  /** Where all snapshots are held for so long, it is better that the others hear of it than that they hang. */
  #wait(): Promise<Snapshot> {
    const { waitMs } = this.#bounds;
    return new Promise((resolve, reject) => {
      const tooLong = () => this.#wake(waiting).reject(overloaded(`No turn to read came within ${waitMs / 1_000} s.`));
      const waiting: Waiting = { resolve, reject, timer: setTimeout(tooLong, waitMs) };
      this.#waiting.add(waiting);
    });
  }

  #wake(waiting: Waiting): Waiting {
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting);
    return waiting;
  }

  /** A snapshot without waiting: of the last moment that was looked at, where nothing is known to have come since, or of a new one. */
  #now(): Snapshot | undefined {
    if (this.#last && this.#isPresent(this.#last)) return this.#join(this.#last);
    return this.#out.size < this.#bounds.size ? this.#join(this.#begin()) : undefined;
  }

  #isPresent({ position }: Moment): boolean {
    return position >= this.#bounds.known();
  }

  #begin(): Moment {
    const connection = this.#idle.pop() ?? new Connection(this.#openReader());
    try {
      const moment = {
        connection,
        position: connection.begin(),
        begunAt: this.#looks,
        joinedAt: this.#looks,
        users: 0,
        isLingering: false,
        hasEnded: false,
      };
      this.#out.add(moment);
      this.#last = moment;
      return moment;
    } catch (fault) {
      // What a connection is worth after a failure nobody knows: the next one is new.
      connection.close();
      throw fault;
    }
  }

  #join(moment: Moment): Snapshot {
    moment.users += 1;
    moment.joinedAt = this.#looks;
    return new SqliteSnapshot(moment, () => this.#leave(moment));
  }

  #leave(moment: Moment): void {
    moment.users -= 1;
    if (moment.users > 0 || moment.isLingering) return;
    if (this.#closed || this.#waiting.size > 0 || !this.#isPresent(moment)) return void this.#end(moment);
    // Others of this turn may want it. Longer than that nothing is held which nobody reads: the write-ahead log could not be cut back.
    moment.isLingering = true;
    setImmediate(() => {
      if (!moment.isLingering) return;
      moment.isLingering = false;
      if (moment.users === 0) this.#end(moment);
    });
  }

  #endKeptTooLong(): void {
    this.#looks += 1;
    // At the third look it was kept for two whole times between looks. Joined by one after another, it would never end.
    for (const moment of [...this.#out]) if (this.#looks - moment.joinedAt >= 3) this.#end(moment);
    if (this.#last && this.#looks - this.#last.begunAt >= 2) this.#last = undefined;
  }

  #end(moment: Moment): void {
    if (moment.hasEnded) return;
    const { connection } = moment;
    moment.hasEnded = true;
    moment.isLingering = false;
    if (moment === this.#last) this.#last = undefined;
    this.#out.delete(moment);
    connection.end();
    if (this.#closed) connection.close();
    else this.#idle.push(connection);
    this.#next();
  }

  /** Whoever has waited longest gets the free place. */
  #next(): void {
    for (const waiting of this.#waiting) {
      if (this.#out.size >= this.#bounds.size) return;
      const { resolve, reject } = this.#wake(waiting);
      try {
        resolve(this.#join(this.#begin()));
      } catch (fault) {
        reject(fault);
      }
    }
  }
}

/** What the log was at one moment: a read transaction, and how many read in it. */
interface Moment {
  readonly connection: Connection;
  readonly position: Position;
  /** In looks of the watch, of which there are two to `holdMs`. */
  readonly begunAt: number;
  joinedAt: number;
  users: number;
  isLingering: boolean;
  hasEnded: boolean;
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

class SqliteSnapshot implements Snapshot {
  readonly position: Position;
  readonly #end: () => void;
  #moment: Moment | undefined;

  constructor(moment: Moment, end: () => void) {
    this.#moment = moment;
    this.position = moment.position;
    this.#end = end;
  }

  row(table: Table, key: string): AnyRow | undefined {
    return this.#read().row(table, key);
  }

  rows(table: Table, keys: readonly string[]): readonly (AnyRow | undefined)[] {
    return this.#read().rows(table, keys);
  }

  page(table: Table, request: PageRequest): Page {
    return this.#read().page(table, request);
  }

  count(table: Table, conditions: readonly Condition[]): number {
    return this.#read().count(table, conditions);
  }

  changes(table: Table, request: ChangesRequest): JournalPage | undefined {
    return this.#read().changes(table, request);
  }

  release(): void {
    if (!this.#moment) return;
    this.#moment = undefined;
    this.#end();
  }

  #read(): Reader {
    assert(this.#moment, 'A snapshot was read after its release.', 'Release a snapshot when nothing more is read of it.');
    if (this.#moment.hasEnded) throw readTooLong();
    return this.#moment.connection.reader;
  }
}

const overloaded = (message: string) => new VarveError({ code: 'OVERLOADED', message, hint: 'Ask again in a moment.', retryable: true });

const readTooLong = () =>
  new VarveError({
    code: 'READ_TOO_LONG',
    message: 'What was read was kept for too long before the rest of it was asked for.',
    hint: 'Ask again; ask for less at a time where it comes again.',
    retryable: true,
  });

const shuttingDown = () =>
  new VarveError({
    code: 'SHUTTING_DOWN',
    message: 'The server is stopping and answers no new reads.',
    hint: 'Ask again in a moment.',
    retryable: true,
  });
