import type Database from 'better-sqlite3';
import { limits, type Position, VarveError } from '#base';
import { expectedLink } from '../chain.ts';
import type { ChainedEvent } from '../port.ts';
import { storedEvent } from './log.ts';
import { type EventRow, eventColumns } from './query.ts';

type ChainedRow = EventRow & { readonly hash: Buffer | null };

/**
 * The events after a position, as the chain has them, up to the last one that there is when it begins. It takes the connection for itself and closes
 * it. Tags are stored by tag: those that are needed are put in order first, in a table of the connection's own, so that no read transaction
 * stays open from page to page.
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
  db.exec('CREATE TEMP TABLE tags_in_order (position INTEGER, tag TEXT, PRIMARY KEY (position, tag)) WITHOUT ROWID');
  const tags = 'INSERT INTO tags_in_order SELECT position, tag FROM event_tags WHERE position > ? AND position <= ? ORDER BY position, tag';
  db.prepare(tags).run(after, last);
  const page = db.prepare<[Position, Position, number], ChainedRow>(
    `SELECT ${eventColumns}, hash FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?`,
  );
  const tagsOf = db
    .prepare<[Position, Position], [Position, string]>(
      'SELECT position, tag FROM tags_in_order WHERE position BETWEEN ? AND ? ORDER BY position',
    )
    .raw();
  for (let at = after; ; ) {
    const rows = page.all(at, last, limits.readEventsMax);
    const [first, end] = [rows[0], rows.at(-1)];
    if (!first || !end) break;
    yield chained(rows, tagsOf.all(first.position, end.position));
    at = end.position;
  }
  db.exec('DROP TABLE tags_in_order');
}

function chained(rows: readonly ChainedRow[], tags: readonly (readonly [Position, string])[]): readonly ChainedEvent[] {
  let at = 0;
  return rows.map((row) => {
    const own: string[] = [];
    for (let tag = tags[at]; tag && tag[0] <= row.position; tag = tags[++at]) if (tag[0] === row.position) own.push(tag[1]);
    return { ...storedEvent(row), tags: own, hash: row.hash?.toString('hex') ?? null };
  });
}

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
