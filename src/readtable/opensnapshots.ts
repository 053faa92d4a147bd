import type { Database } from 'better-sqlite3';
import type { SqlMoments } from '#base';
import type { PostgresSnapshotsOptions } from './postgres/snapshots.ts';
import type { Snapshots } from './read.ts';
import type { SqliteSnapshotsOptions } from './sqlite/snapshots.ts';

// What snapshots need is loaded by this alone: a writer's thread reads nothing by drizzle, and would wait for it at each start.

/** Opens {@link Snapshots} of a SQLite file, by `openReader`'s connections. */
export async function openSqliteSnapshots(openReader: () => Database, options?: SqliteSnapshotsOptions): Promise<Snapshots> {
  return (await import('./sqlite/snapshots.ts')).sqliteSnapshots(openReader, options);
}

/** Opens {@link Snapshots} of a PostgreSQL database. */
export async function openPostgresSnapshots(moments: SqlMoments, options?: PostgresSnapshotsOptions): Promise<Snapshots> {
  return (await import('./postgres/snapshots.ts')).postgresSnapshots(moments, options);
}
