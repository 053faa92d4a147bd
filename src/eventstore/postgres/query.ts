import { limits, type Position } from '#base';
import type { Query, QueryItem, ReadOptions } from '../port.ts';
import { eventColumns } from './rows.ts';

/** A statement of which there are few: what differs is in its values. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
}

const columnsOf = (table: string) => eventColumns.replaceAll(/\w+/g, (column) => `${table}.${column}`);

/**
 * The SQL of a query, in the order of positions; undefined where it asks for nothing. The commonest queries, of one item, have a text of their own; any
 * other hands its items over as JSON, so that its text, and with it its plan, is the same however many they are.
 */
export function selection(schema: string, query: Query, { after = 0, limit = limits.readEventsMax }: ReadOptions = {}): Sql | undefined {
  if (isOfAll(query)) return ofAll(schema, after, limit);
  if (query.length === 0) return undefined;
  const [only, ...more] = query;
  return (more.length === 0 && only && ofOne(schema, only, after, limit)) || ofMany(schema, query, after, limit);
}

/** The same, each event with those of its tags that the items name, as a last column. */
export function taggedSelection(schema: string, items: readonly QueryItem[], options?: ReadOptions): Sql | undefined {
  const found = selection(schema, items, options);
  if (!found) return undefined;
  const named = [...new Set(items.flatMap(({ tags = [] }) => tags))];
  const tags = `SELECT tag FROM ${schema}.event_tags AS t WHERE t.position = found.position AND t.tag = ANY($${found.values.length + 1}::text[])`;
  return { text: `SELECT found.*, ARRAY(${tags}) FROM (${found.text}) AS found ORDER BY position`, values: [...found.values, named] };
}

/** An item that says nothing asks for every event. */
const isOfAll = (query: Query): query is 'all' =>
  query === 'all' || query.some(({ stream, types, tags = [] }) => stream === undefined && types === undefined && tags.length === 0);

const ofAll = (schema: string, after: Position, limit: number): Sql => ({
  text: `SELECT ${eventColumns} FROM ${schema}.events WHERE position > $1 ORDER BY position LIMIT $2`,
  values: [after, limit],
});

function ofOne(schema: string, { stream, types, tags = [] }: QueryItem, after: Position, limit: number): Sql | undefined {
  const [tag, ...others] = tags;
  const events = `SELECT ${eventColumns} FROM ${schema}.events`;
  if (stream !== undefined && tag === undefined)
    // Within a stream versions rise with positions, and its index has them in order: nothing is sorted.
    return {
      text: `${events} WHERE stream = $1 AND position > $2 AND ($3::text[] IS NULL OR type = ANY($3)) ORDER BY version LIMIT $4`,
      values: [stream, after, types, limit],
    };
  if (tag === undefined)
    return { text: `${events} WHERE type = ANY($1) AND position > $2 ORDER BY position LIMIT $3`, values: [types, after, limit] };
  if (stream !== undefined || others.length > 0) return undefined;
  return {
    text: `SELECT ${columnsOf('e')} FROM (SELECT position FROM ${schema}.event_tags WHERE tag = $1 AND position > $2 ORDER BY position OFFSET 0) AS t
      JOIN ${schema}.events AS e ON e.position = t.position WHERE $3::text[] IS NULL OR e.type = ANY($3) ORDER BY t.position LIMIT $4`,
    values: [tag, after, types, limit],
  };
}

/** `OFFSET 0` keeps each part to the index that fits it: looked up item by item, whatever the statistics say. */
function ofMany(schema: string, items: readonly QueryItem[], after: Position, limit: number): Sql {
  const tagged = items.filter(({ tags = [] }) => tags.length > 0);
  const streams = items.filter(({ stream, tags = [] }) => stream !== undefined && tags.length === 0);
  const types = items.filter((item) => !tagged.includes(item) && !streams.includes(item)).flatMap(({ types = [] }) => types);
  const fits = '(i.types IS NULL OR e.type = ANY(i.types))';
  const byTag = `SELECT e.position FROM jsonb_to_recordset($1::jsonb) AS i(stream text, types text[], tags text[])
    CROSS JOIN LATERAL (SELECT position FROM ${schema}.event_tags WHERE tag = i.tags[1] AND position > $4 OFFSET 0) AS t
    CROSS JOIN LATERAL (SELECT position, stream, type FROM ${schema}.events WHERE position = t.position OFFSET 0) AS e
    WHERE ${fits} AND (i.stream IS NULL OR e.stream = i.stream) AND NOT EXISTS (SELECT FROM unnest(i.tags[2:]) AS other(tag)
      WHERE NOT EXISTS (SELECT FROM ${schema}.event_tags AS o WHERE o.tag = other.tag AND o.position = t.position))`;
  const byStream = `SELECT e.position FROM jsonb_to_recordset($2::jsonb) AS i(stream text, types text[])
    CROSS JOIN LATERAL (SELECT position, type FROM ${schema}.events WHERE stream = i.stream AND position > $4 OFFSET 0) AS e WHERE ${fits}`;
  const byType = `SELECT position FROM ${schema}.events WHERE type = ANY($3::text[]) AND position > $4`;
  return {
    text: `SELECT ${columnsOf('e')} FROM (SELECT position FROM (${byTag} UNION ${byStream} UNION ${byType}) AS any_of ORDER BY position LIMIT $5) AS p
      CROSS JOIN LATERAL (SELECT * FROM ${schema}.events WHERE position = p.position OFFSET 0) AS e ORDER BY p.position`,
    values: [jsonOf(tagged), jsonOf(streams), [...new Set(types)], after, limit],
  };
}

/** Half a pair of surrogates is stored as U+FFFD, as UTF-8 has it, and is looked for so: JSON would refuse it. */
const jsonOf = (items: readonly QueryItem[]) =>
  JSON.stringify(items, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
