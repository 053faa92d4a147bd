import type Database from 'better-sqlite3';
import { limits, type Position, VarveError } from '#base';
import { expectedLink } from '../chain.ts';
import type { ChainedEvent } from '../port.ts';
import { storedEvent } from './log.ts';
import { type EventRow, eventColumns } from './query.ts';

/** An event as it stands in the file, with all its tags in order. */
export interface TaggedRow extends EventRow {
  readonly hash: Buffer | null;
  readonly tags: readonly string[];
}

/**
 * The events after a position, as the chain has them, up to the last one that there is when it begins. It takes the connection for itself and closes
 * it.
 */
export function* chainPages(db: Database.Database, after: Position = 0): Generator<readonly ChainedEvent[]> {
  try {
    db.pragma('query_only = OFF');
    const last = db.prepare<[], Position | null>('SELECT max(position) FROM events').pluck().get() ?? 0;
    yield* pagesUpTo(db, after, last);
  } finally {
    db.close();
  }
}

/** The same on a connection of somebody else's, which goes on, up to a position. */
export function* pagesUpTo(db: Database.Database, after: Position, last: Position): Generator<readonly ChainedEvent[]> {
  for (const page of taggedPages(db, after, last)) yield page.map(chained);
}

/** The rows after a position up to another, with their tags. */
export function* taggedPages(db: Database.Database, after: Position, last: Position): Generator<readonly TaggedRow[]> {
  const page = db.prepare<[Position, Position, number], Omit<TaggedRow, 'tags'>>(
    `SELECT ${eventColumns}, hash FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
  );
  const tags = new InOrder(db, 'tag', 'event_tags', after, last);
  for (let at = after; ; ) {
    const rows = page.all(at, last, limits.readEventsMax);
    const end = rows.at(-1);
    if (!end) break;
    const tagsAt = tags.upTo(end.position);
    yield rows.map((row) => Object.assign(row, { tags: tagsAt(row.position) }));
    at = end.position;
  }
  tags.drop();
}

type Placed = readonly [position: Position, name: string];

/**
 * What a table has by name, by position: first put in order, in a table of the connection's own, so that no read transaction stays open from page to
 * page. Read on and on; looked for one by one, names that are scattered cost a page of the file each.
 */
export class InOrder {
  readonly #db: Database.Database;
  readonly #table: string;
  readonly #page;
  #at: Position;

  constructor(db: Database.Database, column: 'tag' | 'command_id', from: 'event_tags' | 'commands', after: Position, last: Position) {
    this.#db = db;
    this.#table = `temp.${from}_in_order`;
    this.#at = after;
    db.exec(`CREATE TABLE ${this.#table} (position INTEGER, name TEXT, PRIMARY KEY (position, name)) WITHOUT ROWID`);
    const ordered = `SELECT position, ${column} FROM ${from} WHERE position > ? AND position <= ? ORDER BY position, ${column}`;
    db.prepare(`INSERT INTO ${this.#table} ${ordered}`).run(after, last);
    const page = `SELECT position, name FROM ${this.#table} WHERE position > ? AND position <= ? ORDER BY position, name`;
    this.#page = db.prepare<[Position, Position], Placed>(page).raw();
  }

  /** The names of the next positions, up to one; they are asked for in order. */
  upTo(position: Position): (position: Position) => readonly string[] {
    const placed = this.#page.all(this.#at, position);
    this.#at = position;
    let at = 0;
    return (position) => {
      const own: string[] = [];
      for (let one = placed[at]; one && one[0] <= position; one = placed[++at]) if (one[0] === position) own.push(one[1]);
      return own;
    };
  }

  drop(): void {
    this.#db.exec(`DROP TABLE ${this.#table}`);
  }
}

/** A row as an event. Throws `STORAGE_CORRUPT` where its metadata is no JSON. */
const chained = (row: TaggedRow): ChainedEvent => ({ ...storedEvent(row), tags: row.tags, hash: linkIn(row) });

/** The link that a row holds, in hex. */
export const linkIn = ({ hash }: TaggedRow): string | null => (Buffer.isBuffer(hash) ? hash.toString('hex') : null);

/** Gives all events of a log that was written before there was a chain their links, in the transaction at hand. Throws `STORAGE_CORRUPT`. */
export function linkAll(db: Database.Database): void {
  const link = db.prepare<[Buffer, Position]>('UPDATE events SET hash = ? WHERE position = ?');
  let previous: string | null = null;
  for (const page of pagesUpTo(db, 0, Number.MAX_SAFE_INTEGER)) {
    for (const event of page) {
      previous = firstLink(event, previous);
      link.run(Buffer.from(previous, 'hex'), event.position);
    }
  }
}

function firstLink(event: ChainedEvent, previous: string | null): string {
  try {
    return expectedLink(event, previous, null);
  } catch (cause) {
    throw new VarveError({
      code: 'STORAGE_CORRUPT',
      message: `The event at position ${event.position}, ${event.type}, is damaged: its data is no JSON.`,
      hint: 'Stop, keep a copy of the data folder, and restore a backup.',
      cause,
    });
  }
}
