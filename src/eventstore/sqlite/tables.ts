import { index, integer, primaryKey, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core';

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

/** By which definition each read table was built, and how far the log was then. */
export const readTables = sqliteTable('read_tables', { name: text().primaryKey(), hash: text().notNull(), position: integer().notNull() });
