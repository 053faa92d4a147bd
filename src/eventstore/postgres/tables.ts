import { sql } from 'drizzle-orm';
import { bigint, boolean, check, customType, index, integer, pgTable, pgView, primaryKey, timestamp, unique } from 'drizzle-orm/pg-core';

// The log's tables, in the schema that is the log: a migration is applied with that schema as its search path, so no name here is qualified.

/** Text in the order of its UTF-8, as SQLite has it, whatever the database's own order is. */
const text = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const whole = (name?: string) => (name === undefined ? bigint({ mode: 'number' }) : bigint(name, { mode: 'number' }));

/**
 * The lock of the log, one row: nobody writes who has not locked it, and nobody ever changes it. A row that each commit changed would have to keep all that
 * it was for as long as anybody anywhere in the database has a transaction open, a dump of it for hours, and be looked for among that.
 */
export const writeLock = pgTable('write_lock', { isLock: boolean('is_lock').primaryKey().default(true) }, (table) => [
  check('write_lock_one_row', sql`${table.isLock}`),
]);

/** The log. Positions are given under the lock, and no sequence gives them: that one would leave gaps. */
export const events = pgTable(
  'events',
  {
    position: whole().primaryKey(),
    eventId: text('event_id').notNull(),
    stream: text().notNull(),
    version: whole().notNull(),
    type: text().notNull(),
    schemaVersion: integer('schema_version').notNull(),
    /** JSON, as it was hashed: `jsonb` would write it anew. */
    data: text().notNull(),
    /** JSON: commandId, correlationId, causationId, actor. */
    metadata: text().notNull(),
    /** Milliseconds since 1970. */
    recordedAt: whole('recorded_at').notNull(),
    /** SHA-256: see `linkOf`. */
    hash: bytea().notNull(),
  },
  (table) => [
    unique('events_stream_version').on(table.stream, table.version),
    index('events_type').on(table.type, table.schemaVersion, table.position),
  ],
);

/** The log's last event, in one row, also of an empty log. */
export const head = pgView('head', { position: whole().notNull(), hash: bytea() }).as(
  sql`SELECT position, hash FROM (SELECT position, hash FROM events ORDER BY position DESC LIMIT 1) AS last
    UNION ALL SELECT 0, NULL WHERE NOT EXISTS (SELECT FROM events)`,
);

/** What else each event concerns; by position it is read with the event. */
export const eventTags = pgTable('event_tags', { tag: text().notNull(), position: whole().notNull() }, (table) => [
  primaryKey({ columns: [table.tag, table.position] }),
  index('event_tags_position').on(table.position),
]);

/** Receipts: what each accepted command id led to. */
export const commands = pgTable('commands', {
  commandId: text('command_id').primaryKey(),
  inputHash: text('input_hash').notNull(),
  /** JSON. */
  outcome: text().notNull(),
  position: whole().notNull(),
});

/** How far each reaction has come: with all events up to here it is through; and which process runs it. Nobody takes the log's lock to write here. */
export const reactions = pgTable('reactions', {
  name: text().primaryKey(),
  position: whole().notNull(),
  /** What was tried last has not gone well. */
  failing: boolean().notNull().default(false),
  /** Another one each time that it is taken: who took it before notes nothing any more. Null: nobody has it. */
  lease: text(),
  /** By the database's clock. */
  leasedUntil: timestamp('leased_until', { withTimezone: true }),
});

/** By which definition each read table was built, how far the log was then, and how far back its changes can be read. */
export const readTables = pgTable('read_tables', {
  name: text().primaryKey(),
  hash: text().notNull(),
  position: whole().notNull(),
  /** The journal holds every change of the table after this position; null: it promises nothing. */
  journaledAfter: whole('journaled_after'),
  /** How often its rows were made anew: whoever remembers some of them sees by it that they may be others. */
  rebuilds: whole().notNull().default(0),
});

/**
 * The generations of read tables: which of them stood together, by one hash for all their definitions and projections. The highest one is in force; a program
 * of an earlier one was replaced.
 */
export const generations = pgTable('generations', { hash: text().primaryKey(), generation: whole().notNull() });

/**
 * The journal of row changes. A table's entries lie together, in the order in which they are read. The index by key is in one part,
 * unlike SQLite's: of what is far away, one look is to find it.
 */
export const changes = pgTable(
  'changes',
  {
    readTable: text('read_table').notNull(),
    position: whole().notNull(),
    key: text().notNull(),
    /** JSON of the row before the change: its columns' stored values in the definition's order; null: there was no row. */
    before: text(),
  },
  (table) => [
    primaryKey({ columns: [table.readTable, table.position, table.key] }),
    index('changes_key').on(table.readTable, table.key, table.position),
  ],
);
