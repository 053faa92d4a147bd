import type { Database } from 'better-sqlite3';
import type { Snapshots } from '../read.ts';
import type { SqliteSnapshotsOptions } from './snapshots.ts';

/**
 * Opens {@link Snapshots} of a SQLite file, by `openReader`'s connections. What they need is loaded by this alone: the writer's thread reads nothing by drizzle, and would
 * wait for it at each start.
 */
export async function openSqliteSnapshots(openReader: () => Database, options: SqliteSnapshotsOptions = {}): Promise<Snapshots> {
  return (await import('./snapshots.ts')).sqliteSnapshots(openReader, options);
}
