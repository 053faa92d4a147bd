import type Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { assert, limits, type Position } from '#base';
import { linkOf } from '../chain.ts';
import { metadataOf } from '../metadata.ts';
import {
  type AppendCondition,
  AppendConflict,
  type EventReader,
  forgottenId,
  type Head,
  type NewEvent,
  type Query,
  type QueryItem,
  type ReadOptions,
  type Receipt,
  type StoredEvent,
} from '../port.ts';
import { type EventRow, eventColumns, QueryReader } from './query.ts';

/** Reads the log on one connection: what that connection sees. */
export function logReader(db: Database.Database) {
  const queries = new QueryReader(db);
  const last = db.prepare<[], number | null>('SELECT max(position) FROM events').pluck();
  const head = headReader(db);
  const version = versionReader(db);
  const receipt = db.prepare<[string], Receipt>(
    'SELECT command_id AS commandId, input_hash AS inputHash, outcome, position FROM commands WHERE command_id = ?',
  );
  return {
    position: () => last.get() ?? 0,
    head: () => headOf(head.get()),
    version,
    receipt: (commandId: string) => receipt.get(commandId),
    read: (query: Query, options?: ReadOptions) => queries.read(query, options).map(storedEvent),
    readTagged: (items: readonly QueryItem[], options?: ReadOptions) => {
      const found = queries.read(items, options);
      const tagsOf = queries.tagsOf(items, found);
      return found.map((row) => ({ event: storedEvent(row), tags: tagsOf(row) }));
    },
  } satisfies EventReader;
}

type HeadRow = { readonly position: Position; readonly hash: Buffer | null };

const headReader = (db: Database.Database) => db.prepare<[], HeadRow>('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1');

const headOf = (row: HeadRow | undefined): Head => ({ position: row?.position ?? 0, hash: row?.hash?.toString('hex') ?? null });

/** A stream's last version. Most are asked for when they are new: that is found out first, for a tenth of the cost. */
function versionReader(db: Database.Database): (stream: string) => number {
  const any = db.prepare<[string]>('SELECT 1 FROM events WHERE stream = ? LIMIT 1');
  const last = db.prepare<[string], number | null>('SELECT max(version) FROM events WHERE stream = ?').pluck();
  return (stream) => (any.get(stream) === undefined ? 0 : (last.get(stream) ?? 0));
}

/** The first event of each type and version of its shape, in their order. By the index from shape to shape: grouped, all of a large log would be looked at. */
export function firstOfEachShape(db: Database.Database): readonly StoredEvent[] {
  const order = 'ORDER BY type, schema_version, position LIMIT 1';
  // Apart: compared as a pair, SQLite would go through all events of the type.
  const sameType = db.prepare<[string, number], EventRow>(
    `SELECT ${eventColumns} FROM events WHERE type = ? AND schema_version > ? ${order}`,
  );
  const nextType = db.prepare<[string], EventRow>(`SELECT ${eventColumns} FROM events WHERE type > ? ${order}`);
  const rows: EventRow[] = [];
  let row = nextType.get('');
  while (row) {
    rows.push(row);
    row = sameType.get(row.type, row.schema_version) ?? nextType.get(row.type);
  }
  return rows.toSorted((a, b) => a.position - b.position).map(storedEvent);
}

/** Reads a row. Throws `STORAGE_CORRUPT` where its metadata is no JSON. */
export const storedEvent = (row: EventRow): StoredEvent => eventOf(row, metadataOf(row.position, row.metadata), new Date(row.recorded_at));

/** A row as an event, with what its metadata and its moment were read as. */
export const eventOf = <Metadata, Moment>(row: EventRow, metadata: Metadata, recordedAt: Moment) => ({
  position: row.position,
  eventId: row.event_id,
  stream: row.stream,
  version: row.version,
  type: row.type,
  schemaVersion: row.schema_version,
  data: row.data,
  metadata,
  recordedAt,
});

/** Writes to the log, inside a transaction that somebody else begins and ends. Everything is prepared once. */
export class LogWriter {
  readonly #queries: QueryReader;
  readonly #event;
  readonly #tag;
  readonly #receipt;
  readonly #nextReceipts;
  readonly #forget;
  readonly #forgotten;
  readonly #reader: EventReader;
  readonly #last;
  readonly #version: (stream: string) => number;
  /** Last versions of the streams that were written to lately. */
  readonly #versions = new LRUCache<string, number>({ max: limits.versionsCachedMax });
  /** Kept here, so that asking for it costs no read. */
  #head: Head;

  constructor(db: Database.Database) {
    this.#queries = new QueryReader(db);
    this.#reader = logReader(db);
    this.#last = headReader(db);
    this.#version = versionReader(db);
    this.#event = db.prepare(
      'INSERT INTO events (position, event_id, stream, version, type, schema_version, data, metadata, recorded_at, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#tag = db.prepare('INSERT INTO event_tags (tag, position) VALUES (?, ?)');
    this.#receipt = db.prepare('INSERT INTO commands (command_id, input_hash, outcome, position) VALUES (?, ?, ?, ?)');
    // Receipts have no order by position, and an index would cost each command a write: they are gone through by their ids.
    this.#nextReceipts = db
      .prepare<[string, number], string | null>(
        'SELECT max(command_id) FROM (SELECT command_id FROM commands WHERE command_id > ? ORDER BY command_id LIMIT ?)',
      )
      .pluck();
    // A command that left no event may have ended at the last position long after the event there.
    this.#forget = db.prepare(
      `DELETE FROM commands WHERE command_id > @after AND command_id <= @last AND (position < @upTo
       OR position = @upTo AND command_id = (SELECT metadata ->> '$.commandId' FROM events WHERE position = @upTo))`,
    );
    this.#forgotten = db.prepare(
      `INSERT INTO commands (command_id, input_hash, outcome, position) VALUES (?, '', '{"version":0}', ?)
       ON CONFLICT (command_id) DO UPDATE SET position = excluded.position WHERE excluded.position > position`,
    );
    this.#head = headOf(this.#last.get());
  }

  /** What the writer's own connection sees, with what is not yet committed. */
  get reader(): EventReader {
    return { ...this.#reader, position: () => this.#head.position, head: () => this.#head };
  }

  /** After a rollback: what is in the file counts. */
  reload(): void {
    this.#head = headOf(this.#last.get());
    this.#versions.clear();
  }

  append(events: readonly NewEvent[], condition?: AppendCondition): readonly StoredEvent[] {
    if (condition && this.#hasMatch(condition)) throw new AppendConflict(condition);
    return events.map((event) => {
      const version = (this.#versions.get(event.stream) ?? this.#version(event.stream)) + 1;
      this.#versions.set(event.stream, version);
      return this.#insert(event, version);
    });
  }

  keepReceipt({ commandId, inputHash, outcome, position }: Receipt): void {
    this.#receipt.run(commandId, inputHash, outcome, position);
  }

  forgetReceipts(upTo: Position, afterId: string): string | undefined {
    this.#forgotten.run(forgottenId, upTo);
    const last = this.#nextReceipts.get(afterId, limits.receiptsForgottenMax) ?? undefined;
    if (last !== undefined) this.#forget.run({ after: afterId, last, upTo });
    return last;
  }

  /** At the log's head nothing can match: a decision made there is not looked up. */
  #hasMatch({ failIfEventsMatch, after = 0 }: AppendCondition): boolean {
    const { position } = this.#head;
    assert(after <= position, `A condition after position ${after} stands ahead of the log, which is at ${position}.`);
    return after < position && this.#queries.read(failIfEventsMatch, { after, limit: 1 }).length > 0;
  }

  #insert({ tags, ...event }: NewEvent, version: number): StoredEvent {
    const stored = { ...event, position: this.#head.position + 1, version };
    const hash = linkOf({ ...stored, tags }, this.#head.hash);
    const { eventId, position, stream, type, schemaVersion, data, metadata, recordedAt } = stored;
    const link = Buffer.from(hash, 'hex');
    this.#event.run(position, eventId, stream, version, type, schemaVersion, data, JSON.stringify(metadata), recordedAt.getTime(), link);
    for (const tag of tags) this.#tag.run(tag, position);
    this.#head = { position, hash };
    return stored;
  }
}
