import type { Database } from 'better-sqlite3';
import type { Position } from '#base';
import { type TableRows as AnyTableRows, reaches } from '../changes.ts';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import type { AnyRow } from '../table.ts';
import { type Undo, withAfter } from '../undo.ts';

type TableRows = AnyTableRows<readonly (AnyRow | undefined)[]>;

/**
 * Positions that one part of the index by key spans, as its migration has it: a key is looked for part by part. Were it one part, each entry
 * would be written to another page of it.
 */
const partPositions = 2_000;
const partOf = (position: Position) => Math.floor(position / partPositions);
// Left to itself, SQLite would go through all of a table's changes, for they have the order already.
const inPart = `FROM changes INDEXED BY changes_key WHERE read_table = ? AND position / ${partPositions} = ?`;

type Before = string | null;
type Entry = readonly [position: Position, key: string, before: Before];

/** Reads the journal on one connection, inside the transaction that reads the rows too. Statements are prepared once. */
export class ChangesReader {
  readonly #made;
  readonly #last;
  readonly #page;
  readonly #ofKey;
  readonly #next;

  constructor(db: Database) {
    this.#made = db
      .prepare<[string], readonly [Position, Position | null]>('SELECT position, journaled_after FROM read_tables WHERE name = ?')
      .raw();
    this.#last = db.prepare<[string], Position | null>('SELECT max(position) FROM changes WHERE read_table = ?').pluck();
    this.#page = db
      .prepare<[string, Position, string, number], Entry>(
        'SELECT position, key, before FROM changes WHERE read_table = ? AND (position, key) > (?, ?) ORDER BY position, key LIMIT ?',
      )
      .raw();
    this.#ofKey = db
      .prepare<[string, number, string, Position, number], Entry>(
        `SELECT position, key, before ${inPart} AND key = ? AND position >= ? ORDER BY position LIMIT ?`,
      )
      .raw();
    this.#next = db
      .prepare<[string, string, string, number, Position, string], readonly [string, Before]>(
        `SELECT next.key, next.before FROM json_each(?) AS asked CROSS JOIN changes AS next
         WHERE next.read_table = ? AND next.key = asked.value
           AND next.position = (SELECT min(position) ${inPart} AND key = asked.value AND (position, key) > (?, ?))`,
      )
      .raw();
  }

  /** Changes of a table; undefined where the journal does not reach back to all after `after`. */
  changes(table: TableRows, request: ChangesRequest): JournalPage | undefined {
    if (!reaches(this.#made.get(table.name), request.after)) return undefined;
    const found = this.#entries(table, request);
    const page = found.slice(0, request.count).map(([position, key, before]) => ({ position, key, before: rowOf(table, before) }));
    const hasMore = found.length > page.length;
    return { changes: withAfter(page, this.#later(table, page, hasMore)), hasMore };
  }

  /** One entry more than asked for tells whether there are more. */
  #entries({ name }: TableRows, { after, key, count }: ChangesRequest): readonly Entry[] {
    if (key !== undefined) {
      const isSeen = after.key === undefined || compareKeys(key, after.key) <= 0;
      return this.#entriesOf(name, key, after.position + (isSeen ? 1 : 0), count + 1);
    }
    // No key is empty: this place stands before all of the next position.
    return after.key === undefined
      ? this.#page.all(name, after.position + 1, '', count + 1)
      : this.#page.all(name, after.position, after.key, count + 1);
  }

  #entriesOf(name: string, key: string, from: Position, count: number): readonly Entry[] {
    const found: Entry[] = [];
    for (const part of this.#parts(name, from)) {
      if (found.length === count) break;
      found.push(...this.#ofKey.all(name, part, key, from, count - found.length));
    }
    return found;
  }

  /** Each key's row after its last change in the page: as it stood before its next change, or as it stands. */
  #later(table: TableRows, page: readonly Undo[], hasMore: boolean): ReadonlyMap<string, AnyRow | undefined> {
    const later = new Map<string, AnyRow | undefined>();
    const open = new Set(page.map(({ key }) => key));
    const end = page.at(-1);
    for (const part of end && hasMore ? this.#parts(table.name, end.position) : []) {
      if (!end || open.size === 0) break;
      for (const [key, before] of this.#next.all(JSON.stringify([...open]), table.name, table.name, part, end.position, end.key)) {
        later.set(key, rowOf(table, before));
        open.delete(key);
      }
    }
    const standing = [...open];
    if (standing.length > 0) for (const [i, row] of table.rows(standing).entries()) later.set(standing[i] ?? '', row);
    return later;
  }

  /** The parts of the index that hold the table's changes from a position on. */
  *#parts(name: string, from: Position): Generator<number> {
    const last = this.#last.get(name) ?? -1;
    for (let part = partOf(from); part <= partOf(last); part++) yield part;
  }
}

const rowOf = ({ decode }: TableRows, before: Before): AnyRow | undefined =>
  before === null ? undefined : decode(JSON.parse(before) as readonly unknown[]);
