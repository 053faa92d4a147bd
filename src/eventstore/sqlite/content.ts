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

/** The first position that is missing, in words: positions are contiguous from 1 (P2). */
export function missingPositions(db: Database.Database): string | undefined {
  const { count, last } = db
    .prepare<[], { count: number; last: number | null }>('SELECT count(*) AS count, max(position) AS last FROM events')
    .get() ?? { count: 0, last: 0 };
  return count === (last ?? 0) ? undefined : `there are ${count} events up to position ${last}, so some are missing`;
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
