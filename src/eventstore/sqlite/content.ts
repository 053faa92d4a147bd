import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { lastApplied, migrationsFolder } from './migrate.ts';

interface Snapshot {
  readonly tables: Readonly<Record<string, { readonly columns: Readonly<Record<string, unknown>> }>>;
}

/**
 * What of the log's own tables is not there, in words: against what the migration that was applied last left behind. Undefined where all is
 * there, where nothing was migrated yet, and of a log that a newer version migrated.
 */
export function missingTables(db: Database.Database): string | undefined {
  const applied = lastApplied(db);
  if (applied === 0) return columnsOf(db, 'events').size > 0 ? 'it does not say which migrations its tables come from' : undefined;
  const { entries } = meta<{ readonly entries: readonly { readonly idx: number; readonly when: number }[] }>('_journal.json');
  const entry = entries.find(({ when }) => when === applied);
  if (!entry) return undefined;
  const { tables } = meta<Snapshot>(`${String(entry.idx).padStart(4, '0')}_snapshot.json`);
  for (const [table, { columns }] of Object.entries(tables)) {
    const found = columnsOf(db, table);
    if (found.size === 0) return `its table ${table} is missing`;
    const lacking = Object.keys(columns).find((column) => !found.has(column));
    if (lacking !== undefined) return `its table ${table} has no column ${lacking}`;
  }
  return undefined;
}

const meta = <T>(name: string): T => JSON.parse(readFileSync(join(migrationsFolder, 'meta', name), 'utf8')) as T;

const columnsOf = (db: Database.Database, table: string): ReadonlySet<unknown> =>
  new Set(db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table));

/**
 * What is not contiguous from 1 (P2), in words: the log's positions, or the versions of a stream. Both by one walk over the index by stream: two took a
 * third longer.
 */
export function missingEvents(db: Database.Database): string | undefined {
  const last = db.prepare<[], number | null>('SELECT max(position) FROM events').pluck().get() ?? 0;
  const { count, gap } = db
    .prepare<[], { count: number | null; gap: string | null }>(
      `SELECT sum(count) AS count, min(CASE WHEN first <> 1 OR last <> count THEN stream END) AS gap
       FROM (SELECT stream, count(*) AS count, min(version) AS first, max(version) AS last FROM events GROUP BY stream)`,
    )
    .get() ?? { count: 0, gap: null };
  if ((count ?? 0) !== last) return `there are ${count ?? 0} events up to position ${last}, so some are missing`;
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
