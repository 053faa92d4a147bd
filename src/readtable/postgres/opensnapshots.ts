import type { SqlMoments } from '#base';
import type { Snapshots } from '../read.ts';
import type { PostgresSnapshotsOptions } from './snapshots.ts';

/** Opens {@link Snapshots} of a PostgreSQL database. What they need is loaded by this alone: a writer reads nothing by drizzle. */
export async function openPostgresSnapshots(moments: SqlMoments, options: PostgresSnapshotsOptions = {}): Promise<Snapshots> {
  return (await import('./snapshots.ts')).postgresSnapshots(moments, options);
}
