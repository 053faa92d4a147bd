import type { Database } from 'better-sqlite3';
import type { Position } from '#base';
import type { ChangesRequest, JournalPage, Reached } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import type { AnyRow } from '../table.ts';
import { type Undo, withAfter } from '../undo.ts';

/** A table's name, and how its rows are read. */
export interface TableRows {
  readonly name: string;
  decode(values: readonly unknown[]): AnyRow;
  /** The rows that stand, in the order of the keys. */
  rows(keys: readonly string[]): readonly (AnyRow | undefined)[];
}

// Left to itself, SQLite would go through all of the table's changes, for they have the order already.
const ofKey = 'FROM changes INDEXED BY changes_key WHERE read_table = ? AND key = ?';

type Before = string | null;
type Entry = readonly [position: Position, key: string, before: Before];

/** Reads the journal on one connection, inside the transaction that reads the rows too. Statements are prepared once. */
export class ChangesReader {
  readonly #journaledAfter;
  readonly #page;
  readonly #pageOfKey;
  readonly #next;

  constructor(db: Database) {
    this.#journaledAfter = db.prepare<[string], Position | null>('SELECT journaled_after FROM read_tables WHERE name = ?').pluck();
    this.#page = db
      .prepare<[string, Position, string, number], Entry>(
        'SELECT position, key, before FROM changes WHERE read_table = ? AND (position, key) > (?, ?) ORDER BY position, key LIMIT ?',
      )
      .raw();
    this.#pageOfKey = db
      .prepare<[string, string, Position, number], Entry>(
        `SELECT position, key, before ${ofKey} AND position >= ? ORDER BY position LIMIT ?`,
      )
      .raw();
    this.#next = db
      .prepare<[string, string, Position], readonly [Before]>(`SELECT before ${ofKey} AND position > ? ORDER BY position LIMIT 1`)
      .raw();
  }

  /** Changes of a table; undefined where the journal does not reach back to all after `after`. */
  changes(table: TableRows, request: ChangesRequest): JournalPage | undefined {
    if (!this.#reaches(table, request.after)) return undefined;
    const found = this.#entries(table, request);
    const page = found.slice(0, request.count).map(([position, key, before]) => ({ position, key, before: rowOf(table, before) }));
    const hasMore = found.length > page.length;
    return { changes: withAfter(page, this.#later(table, page, hasMore)), hasMore };
  }

  #reaches({ name }: TableRows, { position, key }: Reached): boolean {
    const journaledAfter = this.#journaledAfter.get(name) ?? Number.POSITIVE_INFINITY;
    // Whoever stands within a position still needs the rest of it.
    return (key === undefined ? position : position - 1) >= journaledAfter;
  }

  /** One entry more than asked for tells whether there are more. */
  #entries({ name }: TableRows, { after, key, count }: ChangesRequest): readonly Entry[] {
    if (key === undefined) {
      // No key is empty: this place stands before all of the next position.
      return after.key === undefined
        ? this.#page.all(name, after.position + 1, '', count + 1)
        : this.#page.all(name, after.position, after.key, count + 1);
    }
    const isSeen = after.key === undefined || compareKeys(key, after.key) <= 0;
    return this.#pageOfKey.all(name, key, after.position + (isSeen ? 1 : 0), count + 1);
  }

  /** Each key's row after its last change in the page: as it stood before its next change, or as it stands. */
  #later(table: TableRows, page: readonly Undo[], hasMore: boolean): ReadonlyMap<string, AnyRow | undefined> {
    const later = new Map<string, AnyRow | undefined>();
    const standing: string[] = [];
    for (const [key, position] of new Map(page.map((entry) => [entry.key, entry.position]))) {
      const next = hasMore ? this.#next.get(table.name, key, position) : undefined;
      if (next) later.set(key, rowOf(table, next[0]));
      else standing.push(key);
    }
    for (const [i, row] of (standing.length > 0 ? table.rows(standing) : []).entries()) later.set(standing[i] ?? '', row);
    return later;
  }
}

const rowOf = ({ decode }: TableRows, before: Before): AnyRow | undefined =>
  before === null ? undefined : decode(JSON.parse(before) as readonly unknown[]);
