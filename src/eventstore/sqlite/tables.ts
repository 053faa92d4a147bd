import { sql } from 'drizzle-orm';
import { blob, index, integer, primaryKey, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core';

/** The log. `position` is the rowid, so reading in order is reading the table. */
export const events = sqliteTable(
  'events',
  {
    position: integer().primaryKey(),
    eventId: text('event_id').notNull(),
    stream: text().notNull(),
    version: integer().notNull(),
    type: text().notNull(),
    schemaVersion: integer('schema_version').notNull(),
    /** JSON. */
    data: text().notNull(),
    /** JSON: commandId, correlationId, causationId, actor. */
    metadata: text().notNull(),
    /** Milliseconds since 1970. */
    recordedAt: integer('recorded_at').notNull(),
    /** SHA-256: see `linkOf`. Every event has one; SQLite adds no column that says so. */
    hash: blob(),
  },
  (table) => [unique('events_stream_version').on(table.stream, table.version), index('events_type').on(table.type, table.schemaVersion)],
);

/** What else each event concerns. */
export const eventTags = sqliteTable('event_tags', { tag: text().notNull(), position: integer().notNull() }, (table) => [
  primaryKey({ columns: [table.tag, table.position] }),
]);

/** Receipts: what each accepted command id led to. */
export const commands = sqliteTable('commands', {
  commandId: text('command_id').primaryKey(),
  inputHash: text('input_hash').notNull(),
  /** JSON. */
  outcome: text().notNull(),
  position: integer().notNull(),
});

/** By which definition each read table was built, how far the log was then, and how far back its changes can be read. */
export const readTables = sqliteTable('read_tables', {
  name: text().primaryKey(),
  hash: text().notNull(),
  position: integer().notNull(),
  /** The journal holds every change of the table after this position; null: it promises nothing. */
  journaledAfter: integer('journaled_after'),
  /** How often its rows were made anew: whoever remembers some of them sees by it that they may be others. */
  rebuilds: integer().notNull().default(0),
});

/** How far each reaction has come: with all events up to here it is through. */
export const reactions = sqliteTable('reactions', { name: text().primaryKey(), position: integer().notNull() });

/**
 * The journal of row changes. A table's entries lie together, in the order in which they are read: so a page costs what it holds, also of
 * a table that seldom changes. The index by key is in parts of 2,000 positions: so what is added goes to few pages of it, and what is
 * forgotten leaves few; in one part it was written to a page an entry, and doubled what a commit writes.
 */
export const changes = sqliteTable(
  'changes',
  {
    readTable: text('read_table').notNull(),
    position: integer().notNull(),
    key: text().notNull(),
    /** JSON of the row before the change: its columns' stored values in the definition's order; null: there was no row. */
    before: text(),
  },
  (table) => [
    primaryKey({ columns: [table.readTable, table.position, table.key] }),
    index('changes_key').on(table.readTable, sql`${table.position} / 2000`, table.key, table.position),
  ],
);
