import type Database from 'better-sqlite3';
import { assert, limits, type Position, VarveError } from '#base';
import { type Entry, importBroken, LinesWalk } from '../exchange/walk.ts';
import type { Head, WriteTransaction } from '../port.ts';
import type { SqliteStore } from './sqlite.ts';
import { isUnfinished, markUnfinished } from './unfinished.ts';

type Transaction = WriteTransaction<Database.Database>;

/**
 * Takes an exported log into a store, line by line, some lines a transaction. Broken off, it goes on when it is fed the same lines again: what is stored
 * already is held against them and not written. Until {@link LogImport.finish} the store says of itself that it is unfinished.
 */
export class LogImport {
  readonly #store: SqliteStore;
  readonly #walk = new LinesWalk();
  /** Where the store stood when this began. */
  readonly #stood: Stood;
  #waiting: Entry[] = [];
  #waitingLength = 0;

  private constructor(store: SqliteStore, stood: Stood) {
    this.#store = store;
    this.#stood = stood;
  }

  /** Throws `IMPORT_NOT_EMPTY` where the store holds what no unfinished import has left there. */
  static async begin(store: SqliteStore): Promise<LogImport> {
    return new LogImport(store, await store.transaction(begin));
  }

  /** The last event of the lines that it was given. */
  get head(): Head {
    return this.#walk.reached.head;
  }

  /** The next line. Throws `IMPORT_BROKEN`, and `IMPORT_OTHER_LOG` where another log's events are stored here. */
  async take(line: string): Promise<void> {
    const entry = this.#walk.next(line);
    if (this.#isStored(entry)) return;
    this.#waiting.push(entry);
    this.#waitingLength += line.length;
    if (this.#waiting.length >= limits.importBatchLinesMax || this.#waitingLength >= limits.importBatchLengthMax) await this.#write();
  }

  /** After the last line: all is stored, and was checked. Throws as {@link take} does, also where the file was cut off. */
  async complete(): Promise<Head> {
    await this.#write();
    this.#walk.finish();
    const { head, receipts } = this.#walk.reached;
    const stored = await this.#store.transaction(stand);
    if (stored.head.hash !== head.hash || stored.receipts !== receipts) throw otherLog(stored.head.position);
    return head;
  }

  /** From here on it is a log like any other: its read tables are built. */
  async finish(): Promise<void> {
    await this.#store.transaction(({ connection }) => markUnfinished(connection, false));
  }

  #isStored(entry: Entry): boolean {
    const { head, receipts } = this.#stood;
    if ('event' in entry) {
      if (entry.event.position === head.position && entry.event.hash !== head.hash) throw otherLog(head.position);
      return entry.event.position <= head.position;
    }
    return 'receipt' in entry && this.#walk.reached.receipts <= receipts;
  }

  async #write(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    if (entries.length === 0) return;
    await this.#store.transaction(async (transaction) => {
      for (const entry of entries) await write(entry, transaction);
    });
  }
}

interface Stood {
  readonly head: Head;
  readonly receipts: number;
}

async function stand(transaction: Transaction): Promise<Stood> {
  const receipts = transaction.connection.prepare<[], number>('SELECT count(*) FROM commands').pluck().get() ?? 0;
  return { head: await transaction.head(), receipts };
}

async function begin(transaction: Transaction): Promise<Stood> {
  const stood = await stand(transaction);
  const { connection } = transaction;
  if (isUnfinished(connection)) return stood;
  if (stood.head.position > 0 || stood.receipts > 0) throw notEmpty(stood);
  markUnfinished(connection, true);
  // They may stand for the empty log that a server made here.
  connection.exec("UPDATE read_tables SET hash = ''");
  return stood;
}

async function write(entry: Entry, transaction: Transaction): Promise<void> {
  const { line } = entry;
  if ('event' in entry) {
    const { event } = entry;
    const [stored] = await transaction.append([event]);
    if (stored?.version !== event.version)
      throw importBroken(
        line,
        `the event at position ${event.position} has version ${event.version}, and comes as ${stored?.version} of its stream`,
      );
    const { hash } = await transaction.head();
    assert(hash === event.hash, `The event at position ${event.position} was stored with another hash than it came with.`);
  } else if ('receipt' in entry) {
    const { receipt } = entry;
    if (await transaction.receipt(receipt.commandId))
      throw importBroken(line, `the command ${receipt.commandId} has a receipt before this one`);
    await transaction.keepReceipt(receipt);
  }
}

const notEmpty = ({ head, receipts }: Stood) =>
  new VarveError({
    code: 'IMPORT_NOT_EMPTY',
    message: `The data folder holds a log already: ${head.position} events, up to ${head.hash ?? 'none'}, and ${receipts} receipts.`,
    hint: 'Import into a folder that is not there yet or is empty: give another with --data.',
  });

const otherLog = (position: Position) =>
  new VarveError({
    code: 'IMPORT_OTHER_LOG',
    message: `The data folder holds a part of another log: what it has up to position ${position} is not what the file has.`,
    hint: 'Import the file that was begun with, or give another data folder with --data.',
  });
