import type Database from 'better-sqlite3';
import { limits, type Position, VarveError } from '#base';
import { type End, endLine, endOf, eventLine, type Reached, receiptLine } from '../exchange/lines.ts';
import type { ChainedEvent, Head, Receipt } from '../port.ts';
import { pagesUpTo } from './chain.ts';
import { hasHashes } from './migrate.ts';
import { openLogToRead } from './opening.ts';

/** Some lines of an export, and how far it is. */
export interface ExportedPage {
  /** Each with its line break. */
  readonly lines: readonly string[];
  /** Events up to here, and how many there will be. */
  readonly done: number;
  readonly total: number;
  /** With the last page. */
  readonly end?: End;
}

/**
 * The log from a position on as lines, up to the last event that there is when it begins. Nobody who
 * writes meanwhile waits for it, nor is the write-ahead log held up: no read transaction stays open from page to page. Throws `STORAGE_CORRUPT` where an event has not
 * the hash that the chain has for it, `POSITION_AHEAD`, `LOG_TOO_OLD`, and what {@link openLogToRead} throws.
 */
export function* exportPages(file: string, from: Position = 1): Generator<ExportedPage> {
  const db = openLogToRead(file);
  try {
    if (!hasHashes(db)) throw tooOld(file);
    db.pragma('query_only = OFF');
    const begin = db.transaction(() => beginExport(db, from))();
    const exporter = new Exporter(db, { position: from - 1, hash: begin.previous });
    const total = begin.last - from + 1;
    const told = (lines: readonly string[]): ExportedPage => ({ lines, done: exporter.reached.events, total });
    if (from === 1) for (const lines of exporter.add(0)) yield told(lines);
    for (const page of pagesUpTo(db, from - 1, begin.last)) {
      for (const event of page) for (const lines of exporter.add(event.position, event)) yield told(lines);
      yield told(exporter.taken());
    }
    const end = endOf(exporter.reached);
    yield { ...told([...exporter.taken(), `${endLine(end)}\n`]), end };
  } finally {
    db.close();
  }
}

const tooOld = (file: string) =>
  new VarveError({
    code: 'LOG_TOO_OLD',
    message: `${file} was written before events had hashes.`,
    hint: 'Back it up, then start a server on it once: that gives its events their hashes.',
  });

/** What is exported is settled in one read: the last event, and the receipts, which are stored by their commands' ids and put in order here. */
function beginExport(db: Database.Database, from: Position): { readonly last: Position; readonly previous: string | null } {
  const last = db.prepare<[], Position | null>('SELECT max(position) FROM events').pluck().get() ?? 0;
  if (from > last + 1) {
    throw new VarveError({
      code: 'POSITION_AHEAD',
      message: `The log ends at position ${last}: there is nothing from ${from} on.`,
      hint: 'Give a smaller position with --from.',
    });
  }
  db.exec(
    `CREATE TEMP TABLE receipts_in_order (position INTEGER, command_id TEXT, input_hash TEXT, outcome TEXT, PRIMARY KEY (position, command_id)) WITHOUT ROWID`,
  );
  db.prepare(
    'INSERT INTO receipts_in_order SELECT position, command_id, input_hash, outcome FROM commands WHERE position BETWEEN ? AND ? ORDER BY position, command_id',
  ).run(from === 1 ? 0 : from, last);
  const previous = db
    .prepare<[Position], Buffer | null>('SELECT hash FROM events WHERE position = ?')
    .pluck()
    .get(from - 1);
  return { last, previous: previous?.toString('hex') ?? null };
}

/** Receipts in the order of their positions, then of their commands' ids; some are read at a time. */
class Receipts {
  readonly #page;
  #read: readonly Receipt[] = [];
  #at = 0;
  #last: readonly [Position, string] = [-1, ''];

  constructor(db: Database.Database) {
    this.#page = db.prepare<[Position, string, number], Receipt>(
      `SELECT command_id AS commandId, input_hash AS inputHash, outcome, position FROM receipts_in_order
       WHERE (position, command_id) > (?, ?) ORDER BY position, command_id LIMIT ?`,
    );
  }

  /** The next one, where it is for this position. */
  next(position: Position): Receipt | undefined {
    if (this.#at === this.#read.length) {
      this.#read = this.#page.all(...this.#last, limits.readEventsMax);
      this.#at = 0;
    }
    const receipt = this.#read[this.#at];
    if (receipt?.position !== position) return undefined;
    this.#at += 1;
    this.#last = [position, receipt.commandId];
    return receipt;
  }
}

/** Writes the lines, and counts them. */
class Exporter {
  readonly #receipts: Receipts;
  #reached: Reached;
  #lines: string[] = [];

  constructor(db: Database.Database, head: Head) {
    this.#receipts = new Receipts(db);
    this.#reached = { head, events: 0, receipts: 0, receiptsHash: null };
  }

  get reached(): Reached {
    return this.#reached;
  }

  /** An event's line, where there is one, and those of the receipts for its position; told in parts, for they may be many. */
  *add(position: Position, event?: ChainedEvent): Generator<readonly string[]> {
    if (event) this.#event(event);
    for (let receipt = this.#receipts.next(position); receipt; receipt = this.#receipts.next(position)) {
      this.#receipt(receipt);
      if (this.#lines.length >= limits.readEventsMax) yield this.taken();
    }
  }

  /** The lines that were written since the last time. */
  taken(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #event(event: ChainedEvent): void {
    const { head, events } = this.#reached;
    this.#lines.push(`${lineOf(event, head.hash)}\n`);
    this.#reached = { ...this.#reached, events: events + 1, head: { position: event.position, hash: event.hash } };
  }

  #receipt(receipt: Receipt): void {
    const { receipts, receiptsHash } = this.#reached;
    const { line, link } = receiptLine(receipt, receiptsHash);
    this.#lines.push(`${line}\n`);
    this.#reached = { ...this.#reached, receipts: receipts + 1, receiptsHash: link };
  }
}

function lineOf(event: ChainedEvent, previous: string | null): string {
  let cause: unknown;
  try {
    const line = eventLine(event, previous);
    if (line !== undefined) return line;
  } catch (fault) {
    cause = fault;
  }
  throw new VarveError({
    code: 'STORAGE_CORRUPT',
    message: `The event at position ${event.position}, ${event.type}, is not what was stored: its hash is not that of what it says, after the event before it.`,
    hint: 'Keep a copy of the data folder, and restore a backup. The export ends there, without its last line.',
    cause,
  });
}
