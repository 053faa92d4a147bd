import { assert, limits, type Position, VarveError } from '#base';
import type { Awaitable, EventStore, Head, WriteTransaction } from '../port.ts';
import { type Entry, importBroken, LinesWalk } from './walk.ts';

/** A log that another one is taken into. What is asked and said of it is so in the transaction of that connection. */
export interface ImportTarget<Connection> {
  readonly store: EventStore<Connection>;
  /** What it is, in words: `The data folder`. */
  readonly name: string;
  /** How to give another one, in words. */
  readonly another: string;
  /** True where taking in has not ended: then it is opened for nothing else. */
  isUnfinished(connection: Connection): Awaitable<boolean>;
  markUnfinished(connection: Connection, is: boolean): Awaitable<void>;
  countReceipts(connection: Connection): Awaitable<number>;
  /** Has every read table that stands built anew, and no reaction known. */
  disown(connection: Connection): Awaitable<void>;
}

/**
 * Takes an exported log into a store, line by line, some lines a transaction. Broken off, it goes on when it is fed the same lines again: what is stored
 * already is held against them and not written. Until {@link LogImport.finish} the store says of itself that it is unfinished.
 */
export class LogImport<Connection> {
  readonly #target: ImportTarget<Connection>;
  readonly #walk = new LinesWalk();
  /** Where the store stood when this began. */
  readonly #stood: Stood;
  /** The last event that was stored. */
  #stored: Head;
  #waiting: Entry[] = [];
  #waitingLength = 0;

  private constructor(target: ImportTarget<Connection>, stood: Stood) {
    this.#target = target;
    this.#stood = stood;
    this.#stored = stood.head;
  }

  /** Throws `IMPORT_NOT_EMPTY` where the store holds what nothing unfinished has left there. */
  static async begin<Connection>(target: ImportTarget<Connection>): Promise<LogImport<Connection>> {
    return new LogImport(target, await target.store.transaction((transaction) => begin(target, transaction)));
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
    const stored = await this.#target.store.transaction((transaction) => stand(this.#target, transaction));
    if (stored.head.hash !== head.hash || stored.receipts !== receipts) throw otherLog(this.#target, stored.head.position);
    return head;
  }

  /** From here on it is a log like any other: its read tables are built. */
  async finish(): Promise<void> {
    await this.#target.store.transaction(({ connection }) => this.#target.markUnfinished(connection, false));
  }

  #isStored(entry: Entry): boolean {
    const { head, receipts } = this.#stood;
    if ('event' in entry) {
      if (entry.event.position === head.position && entry.event.hash !== head.hash) throw otherLog(this.#target, head.position);
      return entry.event.position <= head.position;
    }
    return 'receipt' in entry && this.#walk.reached.receipts <= receipts;
  }

  async #write(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    if (entries.length === 0) return;
    this.#stored = await this.#target.store.transaction(async (transaction) => {
      const { position, hash } = await transaction.head();
      // A log in a database may have other writers.
      if (hash !== this.#stored.hash) throw otherLog(this.#target, position);
      await transaction.expect?.({ ...expectedOf(entries), items: [] });
      for (const entry of entries) await write(entry, transaction);
      return transaction.head();
    });
  }
}

interface Stood {
  readonly head: Head;
  readonly receipts: number;
}

async function stand<Connection>(target: ImportTarget<Connection>, transaction: WriteTransaction<Connection>): Promise<Stood> {
  return { head: await transaction.head(), receipts: await target.countReceipts(transaction.connection) };
}

async function begin<Connection>(target: ImportTarget<Connection>, transaction: WriteTransaction<Connection>): Promise<Stood> {
  const stood = await stand(target, transaction);
  const { connection } = transaction;
  if (await target.isUnfinished(connection)) return stood;
  if (stood.head.position > 0 || stood.receipts > 0) throw notEmpty(target, stood);
  await target.markUnfinished(connection, true);
  // They may stand for the empty log that a server made here.
  await target.disown(connection);
  return stood;
}

const expectedOf = (entries: readonly Entry[]) => ({
  commandIds: entries.flatMap((entry) => ('receipt' in entry ? [entry.receipt.commandId] : [])),
  streams: [...new Set(entries.flatMap((entry) => ('event' in entry ? [entry.event.stream] : [])))],
});

async function write(entry: Entry, transaction: WriteTransaction<unknown>): Promise<void> {
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

type Named = Pick<ImportTarget<unknown>, 'name' | 'another'>;

const notEmpty = ({ name, another }: Named, { head, receipts }: Stood) =>
  new VarveError({
    code: 'IMPORT_NOT_EMPTY',
    message: `${name} holds a log already: ${head.position} events, up to ${head.hash ?? 'none'}, and ${receipts} receipts.`,
    hint: `A log is taken in where there is none yet, or an empty one: ${another}.`,
  });

const otherLog = ({ name, another }: Named, position: Position) =>
  new VarveError({
    code: 'IMPORT_OTHER_LOG',
    message: `${name} holds a part of another log: what it has up to position ${position} is not what is taken in.`,
    hint: `Go on with the log that was begun with, or ${another}.`,
  });
