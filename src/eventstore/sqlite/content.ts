import type Database from 'better-sqlite3';

/** Tables that name the position of an event; each is written in the transaction of that event, or after it. */
const naming = {
  read_tables: 'SELECT max(max(position), coalesce(max(journaled_after), 0)) FROM read_tables',
  changes: 'SELECT max(named) FROM (SELECT (SELECT max(position) FROM changes WHERE read_table = name) AS named FROM read_tables)',
  reactions: 'SELECT max(position) FROM reactions',
  event_tags: 'SELECT max(position) FROM event_tags',
  commands: 'SELECT max(position) FROM commands',
};

/**
 * Positions that are named though the log ends before them, in words: then its last events are gone, and what comes next would take their
 * places. Tags and receipts have no order by position, and are walked through: 0.25 s of a million. So of a large log only what is
 * written of read tables and reactions is looked at.
 */
export function positionsAhead(db: Database.Database, last: number, isSmall: boolean): string | undefined {
  // An older log lacks some of them: what its last migration made was found to be there.
  const has = (table: string) => db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
  const { event_tags, commands, reactions, ...ofReadTables } = naming;
  const looked = { ...(has('changes') && ofReadTables), ...(has('reactions') && { reactions }), ...(isSmall && { event_tags, commands }) };
  const ahead = Object.entries(looked).flatMap(([table, sql]) => {
    const named = db.prepare<[number], number>(`SELECT named FROM (SELECT (${sql}) AS named) WHERE named > ?`).pluck().get(last);
    return named === undefined ? [] : [`${named} in ${table}`];
  });
  return ahead.length === 0
    ? undefined
    : `its last event stands at position ${last}, and later ones are named: ${ahead.join(', ')}; so some are missing`;
}

/**
 * What is not contiguous from 1 (P2), in words: the log's positions, or the versions of a stream. Both by one walk over the index by stream: two took a
 * third longer.
 */
export function missingEvents(db: Database.Database): string | undefined {
  const { first, last } = db
    .prepare<[], { first: number | null; last: number | null }>(
      'SELECT (SELECT min(position) FROM events) AS first, (SELECT max(position) FROM events) AS last',
    )
    .get() ?? { first: null, last: null };
  const { count, gap } = db
    .prepare<[], { count: number | null; gap: string | null }>(
      `SELECT sum(count) AS count, min(CASE WHEN first <> 1 OR last <> count THEN stream END) AS gap
       FROM (SELECT stream, count(*) AS count, min(version) AS first, max(version) AS last FROM events GROUP BY stream)`,
    )
    .get() ?? { count: 0, gap: null };
  if ((count ?? 0) !== (last ?? 0)) return `there are ${count ?? 0} events up to position ${last}, so some are missing`;
  if ((first ?? 1) !== 1) return `its first event stands at position ${first}, not at 1`;
  return gap === null ? undefined : gapOf(db, gap);
}

function gapOf(db: Database.Database, stream: string): string {
  const { count, last } = db
    .prepare<[string], { count: number; last: number }>('SELECT count(*) AS count, max(version) AS last FROM events WHERE stream = ?')
    .get(stream) ?? { count: 0, last: 0 };
  return `the stream ${stream} has ${count} events up to version ${last}`;
}

/**
 * The first event after a position whose metadata or moment is not what was written, in words. It reads every event it looks at: 0.4 s of a
 * million that the system has in memory; so of a large log only the newest are looked at here, and the others when they are read.
 */
export function damagedEvent(db: Database.Database, after: number): string | undefined {
  const position = db
    .prepare<[number], number>(
      `SELECT position FROM events WHERE position > ? AND (typeof(recorded_at) <> 'integer' OR abs(recorded_at) > 8640000000000000 OR
       CASE WHEN json_valid(metadata) THEN json_type(metadata, '$.commandId') IS NOT 'text' OR json_type(metadata, '$.correlationId') IS NOT 'text'
         OR coalesce(json_type(metadata, '$.causationId'), '') NOT IN ('text', 'null') OR coalesce(json_type(metadata, '$.actor'), '') NOT IN ('text', 'null')
       ELSE 1 END) LIMIT 1`,
    )
    .pluck()
    .get(after);
  return position === undefined ? undefined : `the event at position ${position} has metadata or a moment that Varve never wrote`;
}
