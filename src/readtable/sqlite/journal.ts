import type { Database } from 'better-sqlite3';
import { limits, type Position } from '#base';
import { encodeRow } from '../encoding.ts';
import type { Journal, JournalEntry, JournalOptions } from '../journal.ts';

/** So many entries more than it adds an append may forget: what piled up gets fewer with every one. */
const extraForgotten = 64;

/**
 * The journal in SQLite; the connection is the writer's, in its transaction. Old entries go in steps that are bounded by what is added,
 * also where one position has a hundred thousand. `read_tables` says how far back each table's changes are all there.
 */
export function sqliteJournal({ positionsMax = limits.journalPositionsMax }: JournalOptions = {}): Journal<Database> {
  const connections = new WeakMap<Database, JournalWriter>();
  // Looking for what is to go costs more than letting a few go: so it is not done for each position.
  const tolerated = Math.floor(positionsMax / 100);
  return {
    append: (db, position, entries) => {
      const writer = connections.get(db) ?? new JournalWriter(db);
      connections.set(db, writer);
      for (const entry of entries) writer.insert(entry);
      writer.forget(position - positionsMax, tolerated, entries.length + extraForgotten);
    },
  };
}

/** The statements of one connection. */
class JournalWriter {
  readonly #insert;
  readonly #longest;
  readonly #nth;
  readonly #raise;
  readonly #delete;

  constructor(db: Database) {
    this.#insert = db.prepare<[string, Position, string, string | null]>(
      'INSERT INTO changes (read_table, position, key, before) VALUES (?, ?, ?, ?)',
    );
    this.#longest = db
      .prepare<[Position], string>('SELECT name FROM read_tables WHERE journaled_after < ? ORDER BY journaled_after LIMIT 1')
      .pluck();
    this.#nth = db
      .prepare<[string, Position, number], readonly [Position, string]>(
        'SELECT position, key FROM changes WHERE read_table = ? AND position <= ? ORDER BY position, key LIMIT 1 OFFSET ?',
      )
      .raw();
    this.#raise = db.prepare<[Position, string]>('UPDATE read_tables SET journaled_after = max(journaled_after, ?) WHERE name = ?');
    this.#delete = db.prepare<[string, Position, string]>('DELETE FROM changes WHERE read_table = ? AND (position, key) <= (?, ?)');
  }

  insert({ table, key, position, before }: JournalEntry): void {
    this.#insert.run(table.name, position, key, before ? encodeRow(table.columns, before) : null);
  }

  /** Forgets entries up to a position, at most so many, those tables first whose changes reach back furthest. */
  forget(upTo: Position, tolerated: number, entriesMax: number): void {
    for (let left = entriesMax; left > 0; ) {
      const table = this.#longest.get(upTo - tolerated);
      if (table === undefined) return;
      left -= 1 + this.#forgetOf(table, upTo, left);
    }
  }

  /** A position of which only some entries go is no longer all there: the promise is taken back to after it. */
  #forgetOf(table: string, upTo: Position, entriesMax: number): number {
    const [position, key] = this.#nth.get(table, upTo, entriesMax - 1) ?? [upTo + 1, ''];
    this.#raise.run(Math.min(position, upTo), table);
    return this.#delete.run(table, position, key).changes;
  }
}
