import { VarveError } from '#base';
import { type EventStore, type MemoryConnection, openMemoryStore, type WriteTransaction } from '#eventstore';
import {
  type Journal,
  type MemoryJournal,
  type MemoryRows,
  memoryJournal,
  memoryRows,
  memorySnapshots,
  type RowStore,
  type Snapshots,
  type Table,
} from '#readtable';
import type { Scheduler } from './scheduler.ts';

/** A process, as the disk knows it: when it is over, nothing that it asked for comes back. */
export interface Asking {
  readonly isOver: boolean;
  /** Rejects when it is over. */
  readonly ended: Promise<never>;
  /** It dies. */
  end(): void;
  /** Its domain code loops, and nothing goes on in it. Left out: there is nobody who would notice. */
  standStill?(): void;
}

/** What becomes of one commit. */
export type Fate =
  /** It is made, later. */
  | 'made'
  /** The disk is full: it is taken back. */
  | 'full'
  /** The sync fails: it is taken back, but whoever starts after a crash may find it. */
  | 'unknown'
  /** The process dies before it, or after it and before anyone hears of it. */
  | 'dies before'
  | 'dies after';

/** A log and its read tables as one process has them. */
export interface Mounted {
  readonly log: EventStore<MemoryConnection>;
  readonly rows: RowStore<MemoryConnection>;
  readonly journal: Journal<MemoryConnection>;
  readonly snapshots: Snapshots;
}

type Transaction = WriteTransaction<MemoryConnection>;
type Redo = (transaction: Transaction) => unknown;

/** Another one each time: whoever waited for one and the same would be held by it for ever. */
const never = (): Promise<never> => new Promise(() => {});

/**
 * What outlives every process: a log with its read tables and their journal. A process that dies in the midst of a transaction leaves nothing of it;
 * what was committed stays. A commit whose sync failed is in between: it is taken back, and a start after a crash may find it (docs/decisions/020).
 */
export class Disk {
  readonly log: EventStore<MemoryConnection> = openMemoryStore();
  readonly rows: MemoryRows = memoryRows();
  readonly journal: MemoryJournal;
  /** What becomes of the next commit. */
  fate: Fate = 'made';
  /** Whether the next command stands still, where somebody would notice. */
  standsStill = false;
  readonly #scheduler: Scheduler;
  /** What each open transaction has done so far. */
  readonly #redo = new WeakMap<MemoryConnection, Redo[]>();
  /** The commit whose sync failed, if no other one has been written over it. */
  #unsynced: readonly Redo[] = [];
  #isFailing = false;
  #rebuilds = 0;

  constructor(scheduler: Scheduler, journalPositionsMax: number) {
    this.#scheduler = scheduler;
    this.journal = memoryJournal({ positionsMax: journalPositionsMax });
  }

  /** A start after a crash. Answers whether it found a commit whose sync had failed. */
  async recover(): Promise<boolean> {
    const found = this.#scheduler.oneIn(2) ? this.#unsynced : [];
    this.#unsynced = [];
    this.#isFailing = false;
    if (found.length === 0) return false;
    this.#scheduler.note('finds a commit whose sync had failed');
    await this.log.transaction(async (transaction) => {
      for (const redo of found) await redo(transaction);
    });
    return true;
  }

  /** Another process makes read tables anew, beside whoever serves: they come out the same, and whoever follows them has to begin anew. */
  async rebuild(tables: readonly Table[]): Promise<void> {
    await this.log.transaction(async (transaction) => {
      const position = await transaction.position();
      for (const table of tables) this.journal.restart(table, position);
      this.#rebuilds += 1;
      this.#scheduler.note(`read tables are made anew at ${position}`);
    });
  }

  /** The disk, as a process has it. */
  mount(asking: Asking): Mounted {
    const { log, rows, journal } = this;
    let rebuilds = this.#rebuilds;
    const read = async <T>(reading: () => T | Promise<T>): Promise<T> => {
      if (this.#scheduler.oneIn(3)) await this.#scheduler.pause(this.#scheduler.chance(4), 'reads');
      return asking.isOver ? never() : reading();
    };
    return {
      log: {
        ...log,
        read: (...asked) => read(() => log.read(...asked)),
        transaction: (work) => this.#transact(asking, work),
        append: (...asked) => this.#transact(asking, (transaction) => transaction.append(...asked)),
      },
      rows: {
        rebuilt: () => {
          const isNew = rebuilds < this.#rebuilds;
          rebuilds = this.#rebuilds;
          return isNew ? ['all of them'] : [];
        },
        get: (...asked) => (asking.isOver ? never() : rows.get(...asked)),
        where: (...asked) => (asking.isOver ? never() : rows.where(...asked)),
        write: (connection, table, writes) =>
          this.#do(asking, connection, (transaction) => rows.write(transaction.connection, table, new Map(writes))),
      },
      journal: {
        append: (connection, position, entries) =>
          this.#do(asking, connection, (transaction) => journal.append(transaction.connection, position, entries)),
      },
      snapshots: memorySnapshots({ rows, journal, position: () => read(() => log.position()) }),
    };
  }

  /** Writes, and remembers how it is written again. */
  #do(asking: Asking, connection: MemoryConnection, redo: Redo): Promise<never> | undefined {
    if (asking.isOver) return never();
    this.#redo.get(connection)?.push(redo);
    redo({ connection } as Transaction);
    return undefined;
  }

  async #transact<T>(asking: Asking, work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    if (asking.isOver) return never();
    try {
      const { answer, fate } = await this.log.transaction(async (transaction) => {
        const redo: Redo[] = [];
        this.#redo.set(transaction.connection, redo);
        const answer = await Promise.race([work(this.#noting(asking, transaction, redo)), asking.ended]);
        const fate = redo.length === 0 ? 'made' : await Promise.race([this.#sync(asking, redo), asking.ended]);
        return { answer, fate };
      });
      if (fate === 'dies after') asking.end();
      return asking.isOver ? never() : answer;
    } catch (fault) {
      if (asking.isOver) return never();
      throw fault;
    }
  }

  /** Notes what is written, and takes its time with reads. */
  #noting(asking: Asking, transaction: Transaction, redo: Redo[]): Transaction {
    const write = <T>(again: (transaction: Transaction) => T): T | Promise<never> => {
      if (asking.isOver) return never();
      redo.push(again);
      return again(transaction);
    };
    return {
      ...transaction,
      // Asked of each command before it is decided.
      receipt: (commandId) => (this.#standsStill(asking) ? never() : transaction.receipt(commandId)),
      readTagged: async (...asked) => {
        if (this.#scheduler.oneIn(8)) await this.#scheduler.pause(this.#scheduler.chance(3), 'reads to decide');
        return asking.isOver ? never() : transaction.readTagged(...asked);
      },
      append: (...asked) => write((again) => again.append(...asked)),
      keepReceipt: (receipt) => write((again) => again.keepReceipt(receipt)),
    };
  }

  /** A command's domain code would loop from here on. */
  #standsStill(asking: Asking): boolean {
    if (!this.standsStill || !asking.standStill) return false;
    this.standsStill = false;
    this.#scheduler.note('a command stands still');
    asking.standStill();
    return true;
  }

  /** Answers what becomes of the commit, which is made when this returns. */
  async #sync(asking: Asking, redo: readonly Redo[]): Promise<Fate> {
    await this.#scheduler.pause(this.#scheduler.chance(4), 'syncs');
    const { fate } = this;
    this.fate = 'made';
    if (fate !== 'made') this.#scheduler.note(`commit: ${fate}`);
    if (fate === 'dies before') asking.end();
    if (asking.isOver || this.#isFailing) return never();
    if (fate === 'full') throw full();
    this.#unsynced = fate === 'unknown' ? redo : [];
    if (fate === 'unknown') {
      // Often it is the whole machine that is about to fail: until then the disk takes nothing more.
      this.#isFailing = this.#scheduler.oneIn(2);
      if (this.#isFailing) this.#scheduler.in(this.#scheduler.chance(40), 'the machine fails', () => asking.end());
      throw unknown();
    }
    return fate;
  }
}

const full = () =>
  new VarveError({
    code: 'STORAGE_FULL',
    message: 'The disk is full.',
    hint: 'Make room on the disk, then send the command again.',
    retryable: true,
  });

const unknown = () =>
  new VarveError({
    code: 'OUTCOME_UNKNOWN',
    message: 'The disk reported an error while the command was stored: it may have taken effect, or not.',
    hint: 'Send it again with the same commandId: it takes effect once. Where none was given, look first.',
    retryable: true,
  });
