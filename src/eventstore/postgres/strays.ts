import type { Position, SqlReads } from '#base';
import { beforeFirst, type LogFinding, reactionAhead, receiptAstray, tagAstray, versionGap } from '../finding.ts';
import { paged } from './paged.ts';
import { headText } from './reads.ts';
import { type HeadRow, headOf } from './rows.ts';

/** What is wrong across events: versions, and tags, receipts and reactions that belong to none. Each table is gone through a page at a time. */
export async function* strays(sql: SqlReads): AsyncGenerator<LogFinding> {
  yield* beforeTheFirst(sql);
  yield* versions(sql);
  yield* tags(sql);
  yield* receipts(sql);
  yield* reactions(sql);
}

async function* beforeTheFirst(sql: SqlReads): AsyncGenerator<LogFinding> {
  const found = await sql.read<readonly [Position]>(`SELECT position FROM ${sql.schema}.events WHERE position < 1 ORDER BY position`);
  for (const [position] of found) yield beforeFirst(position);
}

type VersionRow = readonly [stream: string, version: number, position: Position];

/** In the order of the index by stream. */
async function* versions(sql: SqlReads): AsyncGenerator<LogFinding> {
  const select = (condition: string) => `SELECT stream, version, position FROM ${sql.schema}.events WHERE ${condition}`;
  let before: VersionRow = ['', 0, 0];
  for await (const page of paged<VersionRow>(sql, select, ['stream', 'version'], ([stream, version]) => [stream, version])) {
    for (const row of page) {
      const [stream, version, position] = row;
      const [, last, earlier] = before[0] === stream ? before : [stream, 0, 0];
      before = row;
      if (version !== last + 1 || position <= earlier) yield versionGap(...row, last);
    }
  }
}

type TagRow = readonly [tag: string, position: Position, isAstray: boolean];

async function* tags(sql: SqlReads): AsyncGenerator<LogFinding> {
  const { schema } = sql;
  const select = (condition: string) =>
    `SELECT tag, position, NOT EXISTS (SELECT 1 FROM ${schema}.events AS e WHERE e.position = t.position)
     FROM (SELECT tag, position FROM ${schema}.event_tags WHERE ${condition}) AS t ORDER BY tag, position`;
  for await (const page of paged<TagRow>(sql, select, ['tag', 'position'], ([tag, position]) => [tag, position]))
    for (const [tag, position, isAstray] of page) if (isAstray) yield tagAstray(tag, position);
}

type ReceiptRow = readonly [commandId: string, outcome: string, position: Position];

/** What a receipt answers is a stream's version: 0 where the command left no event in a stream that had none. */
async function* receipts(sql: SqlReads): AsyncGenerator<LogFinding> {
  const { position: last } = headOf((await sql.read<HeadRow>(headText(sql.schema)))[0]);
  const select = (condition: string) => `SELECT command_id, outcome, position FROM ${sql.schema}.commands WHERE ${condition}`;
  for await (const page of paged<ReceiptRow>(sql, select, ['command_id'], ([id]) => [id])) {
    const places = page.map(([, outcome]) => placeIn(outcome));
    const found = await eventsAt(sql, places);
    for (const [i, [commandId, , position]] of page.entries()) {
      const isAhead = position < 0 || position > last;
      const place = places[i];
      const event = place && found.get(nameOf(place));
      if (!isAhead && (place?.version === 0 || (event !== undefined && event <= position))) continue;
      yield receiptAstray(commandId, position, last, isAhead);
    }
  }
}

/** A version of a stream. */
interface VersionPlace {
  readonly stream: string;
  readonly version: number;
}

const nameOf = ({ stream, version }: VersionPlace) => `${version} ${stream}`;

function placeIn(outcome: string): VersionPlace | undefined {
  try {
    const { stream = '', version } = JSON.parse(outcome) as Readonly<Record<string, unknown>>;
    return typeof stream === 'string' && typeof version === 'number' ? { stream, version } : undefined;
  } catch {
    return undefined;
  }
}

async function eventsAt(sql: SqlReads, places: readonly (VersionPlace | undefined)[]): Promise<ReadonlyMap<string, Position>> {
  const asked = places.filter((place) => place !== undefined).filter(({ stream, version }) => version > 0 && !stream.includes('\0'));
  const rows = await sql.read<readonly [string, number, Position]>(
    `SELECT e.stream, e.version, e.position FROM unnest($1::text[], $2::bigint[]) AS asked (stream, version)
     JOIN ${sql.schema}.events AS e ON e.stream = asked.stream AND e.version = asked.version`,
    [asked.map(({ stream }) => stream), asked.map(({ version }) => version)],
  );
  return new Map(rows.map(([stream, version, position]) => [nameOf({ stream, version }), position]));
}

async function* reactions(sql: SqlReads): AsyncGenerator<LogFinding> {
  const { schema } = sql;
  const rows = await sql.read<readonly [string, Position, Position]>(
    `SELECT r.name, r.position, head.position FROM ${schema}.reactions AS r, ${schema}.head WHERE r.position NOT BETWEEN 0 AND head.position`,
  );
  for (const row of rows) yield reactionAhead(...row);
}
