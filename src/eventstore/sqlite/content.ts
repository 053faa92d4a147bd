import type Database from 'better-sqlite3';

/**
 * What is wrong with the log's positions, in words: they are contiguous from 1 (P2). Each figure is asked for by itself, so that SQLite counts
 * by the pages of an index and looks up the ends: 0.1 s of a million.
 */
export function missingPositions(db: Database.Database): string | undefined {
  const { count, first, last } = db
    .prepare<[], { count: number; first: number | null; last: number | null }>(
      'SELECT (SELECT count(*) FROM events) AS count, (SELECT min(position) FROM events) AS first, (SELECT max(position) FROM events) AS last',
    )
    .get() ?? { count: 0, first: null, last: null };
  if (count !== (last ?? 0)) return `there are ${count} events up to position ${last}, so some are missing`;
  return (first ?? 1) === 1 ? undefined : `its first event stands at position ${first}, not at 1`;
}

/** Tables that name the position of an event; each is written in the transaction of that event. */
const naming = {
  read_tables: 'SELECT max(max(position), coalesce(max(journaled_after), 0)) FROM read_tables',
  changes: 'SELECT max(named) FROM (SELECT (SELECT max(position) FROM changes WHERE read_table = name) AS named FROM read_tables)',
  event_tags: 'SELECT max(position) FROM event_tags',
  commands: 'SELECT max(position) FROM commands',
};

/**
 * Positions that are named though the log ends before them, in words: then its last events are gone, and what comes next would take their
 * places. Tags and receipts have no order by position, and are walked through: 0.25 s of a million. So of a large log only what is
 * written of read tables is looked at.
 */
export function positionsAhead(db: Database.Database, last: number, isSmall: boolean): string | undefined {
  // A log of the first version has no journal: what its last migration made was found to be there.
  const hasJournal = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'changes'").get() !== undefined;
  const { event_tags, commands, ...ofReadTables } = naming;
  const looked = { ...(hasJournal && ofReadTables), ...(isSmall && { event_tags, commands }) };
  const ahead = Object.entries(looked).flatMap(([table, sql]) => {
    const named = db.prepare<[number], number>(`SELECT named FROM (SELECT (${sql}) AS named) WHERE named > ?`).pluck().get(last);
    return named === undefined ? [] : [`${named} in ${table}`];
  });
  return ahead.length === 0
    ? undefined
    : `its last event stands at position ${last}, and later ones are named: ${ahead.join(', ')}; so some are missing`;
}

/** A stream whose versions are not contiguous from 1 (P2), in words. One walk over the index by stream: 0.15 s of a million events. */
export function missingVersions(db: Database.Database): string | undefined {
  const gap = db
    .prepare<[], { stream: string; count: number; last: number }>(
      `SELECT stream, count(*) AS count, max(version) AS last FROM events
       GROUP BY stream HAVING min(version) <> 1 OR max(version) <> count(*) LIMIT 1`,
    )
    .get();
  return gap && `the stream ${gap.stream} has ${gap.count} events up to version ${gap.last}`;
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
