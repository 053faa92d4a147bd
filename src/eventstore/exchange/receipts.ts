import type Database from 'better-sqlite3';
import { limits, type Position } from '#base';
import type { Receipt } from '../port.ts';

/** Makes the table that receipts are put into, to be read in the order of their positions; it goes with the connection. */
export function createReceiptsInOrder(db: Database.Database): void {
  db.exec(
    `CREATE TEMP TABLE receipts_in_order (position INTEGER, command_id TEXT, input_hash TEXT, outcome TEXT, PRIMARY KEY (position, command_id)) WITHOUT ROWID`,
  );
}

/** Receipts in the order of their positions, then of their commands' ids; some are read at a time. */
export class ReceiptsInOrder {
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
