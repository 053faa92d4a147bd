import { limits, type Position, type SqlReads } from '#base';
import type { ChainedEvent } from '../port.ts';
import { headText } from './reads.ts';
import { type EventRow, eventColumns, eventOf, type HeadRow, headOf } from './rows.ts';

type ChainedRow = readonly [...EventRow, hash: Buffer, tags: readonly string[] | null];

/**
 * The events after a position, a page at a time, up to the last one that there is when it begins. Tags have no order by position: they are put in
 * order once, by a cursor, which the moment ends.
 */
export async function* chainPages(moment: SqlReads, after: Position = 0): AsyncGenerator<readonly ChainedEvent[]> {
  const { schema } = moment;
  const [row] = await moment.read<HeadRow>(headText(schema));
  const last = headOf(row).position;
  if (after >= last) return;
  const ordered = `SELECT position, array_agg(tag) AS tags FROM ${schema}.event_tags WHERE position > $1 GROUP BY position`;
  const text = `SELECT ${eventColumns}, hash, tags FROM ${schema}.events LEFT JOIN (${ordered}) AS t USING (position)
    WHERE position > $1 AND position <= $2 ORDER BY position`;
  await moment.read(`DECLARE chain NO SCROLL CURSOR FOR ${text}`, [after, last]);
  for (;;) {
    const rows = await moment.read<ChainedRow>(`FETCH ${limits.readEventsMax} FROM chain`);
    if (rows.length > 0) yield rows.map(chained);
    if (rows.length < limits.readEventsMax) return;
  }
}

/** The events after a position, at most so many, with all their tags. */
export async function eventsSince(sql: SqlReads, after: Position, limit: number): Promise<readonly ChainedEvent[]> {
  const { schema } = sql;
  const tags = `SELECT array_agg(tag) FROM ${schema}.event_tags AS t WHERE t.position = e.position`;
  const text = `SELECT ${eventColumns}, hash, (${tags}) FROM ${schema}.events AS e WHERE position > $1 ORDER BY position LIMIT $2`;
  return (await sql.read<ChainedRow>(text, [after, limit])).map(chained);
}

const chained = (row: ChainedRow): ChainedEvent => ({ ...eventOf(row), tags: [...(row[10] ?? [])].sort(), hash: row[9].toString('hex') });
