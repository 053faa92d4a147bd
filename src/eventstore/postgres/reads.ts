import { limits, type Position, type SqlReads } from '#base';
import type { ChainedEvent, EventReader, Query, ReadOptions, Receipt, StoredEvent } from '../port.ts';
import { selection, taggedSelection } from './query.ts';
import { type ChainedRow, chainedOf, type EventRow, eventColumns, eventOf, type HeadRow, headOf } from './rows.ts';
import { assertAskable, assertText } from './storable.ts';

type TaggedRow = readonly [...EventRow, tags: readonly string[]];

/** Reads the log by SQL: one statement each, so each sees one moment, whatever it is sent in. */
export function logReader(sql: SqlReads) {
  const { schema } = sql;
  const head = async () => headOf((await sql.read<HeadRow>(headText(schema)))[0]);
  return {
    head,
    position: async () => (await head()).position,
    version: async (stream: string) => (await versionsOf(sql, [stream])).get(stream) ?? 0,
    receipt: async (commandId: string) => (await receiptsOf(sql, [commandId])).get(commandId),
    read: async (query: Query, options?: ReadOptions) => {
      assertAskable(query);
      const asked = selection(schema, query, options);
      return asked ? (await sql.read<EventRow>(asked.text, asked.values)).map(eventOf) : [];
    },
    readTagged: async (...[items, options]: Parameters<EventReader['readTagged']>) => {
      assertAskable(items);
      const asked = taggedSelection(schema, items, options);
      if (!asked) return [];
      const rows = await sql.read<TaggedRow>(asked.text, asked.values);
      return rows.map((row) => ({ event: eventOf(row), tags: row[9] }));
    },
  } satisfies EventReader;
}

/** The events after a position, at most so many, with all their tags. */
export async function since(sql: SqlReads, after: Position, limit: number): Promise<readonly ChainedEvent[]> {
  const { schema } = sql;
  const tags = `ARRAY(SELECT tag FROM ${schema}.event_tags AS t WHERE t.position = e.position)`;
  const text = `SELECT ${eventColumns}, hash, ${tags} FROM ${schema}.events AS e WHERE position > $1 ORDER BY position LIMIT $2`;
  return (await sql.read<ChainedRow>(text, [after, limit])).map(chainedOf);
}

/** The events after a position, a page at a time, up to the last one that there is when it begins: events never change, so no moment is held. */
export async function* chainPages(sql: SqlReads, after: Position = 0, upTo?: Position): AsyncGenerator<readonly ChainedEvent[]> {
  const last = upTo ?? headOf((await sql.read<HeadRow>(headText(sql.schema)))[0]).position;
  for (let at = after; at < last; ) {
    const page = await since(sql, at, Math.min(limits.readEventsMax, last - at));
    const end = page.at(-1);
    if (!end) return;
    yield page;
    at = end.position;
  }
}

/** Reads the head. */
export const headText = (schema: string): string => `SELECT position, hash FROM ${schema}.head`;

/** The last versions of those of the streams that have events. */
export async function versionsOf(sql: SqlReads, streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
  for (const stream of streams) assertText('a stream', stream);
  const last = `SELECT version FROM ${sql.schema}.events WHERE stream = s.stream ORDER BY version DESC LIMIT 1`;
  const text = `SELECT s.stream, e.version FROM unnest($1::text[]) AS s(stream) CROSS JOIN LATERAL (${last}) AS e`;
  return new Map(await sql.read<readonly [string, number]>(text, [streams]));
}

/** Those of the commands' receipts that there are. */
export async function receiptsOf(sql: SqlReads, commandIds: readonly string[]): Promise<ReadonlyMap<string, Receipt>> {
  for (const id of commandIds) assertText('a command id', id);
  const rows = await sql.read<readonly [string, string, string, number]>(
    `SELECT command_id, input_hash, outcome, position FROM ${sql.schema}.commands WHERE command_id = ANY($1::text[])`,
    [commandIds],
  );
  return new Map(rows.map(([commandId, inputHash, outcome, position]) => [commandId, { commandId, inputHash, outcome, position }]));
}

/** The first event of each type and version of its shape, in their order: the index is gone through from shape to shape. */
export async function firstOfEachShape(sql: SqlReads): Promise<readonly StoredEvent[]> {
  const next = (after: string) =>
    `(SELECT type, schema_version, position FROM ${sql.schema}.events ${after} ORDER BY type, schema_version, position LIMIT 1)`;
  const rows = await sql.read<EventRow>(
    `WITH RECURSIVE shapes AS (${next('')} UNION ALL SELECT n.type, n.schema_version, n.position FROM shapes AS s
       CROSS JOIN LATERAL ${next('WHERE (type, schema_version) > (s.type, s.schema_version)')} AS n)
     SELECT ${eventColumns} FROM ${sql.schema}.events WHERE position IN (SELECT position FROM shapes) ORDER BY position`,
  );
  return rows.map(eventOf);
}
