import { limits, VarveError } from '#base';
import { migrationsOf, newestOf } from '../migrations.ts';
import { schemaOf } from './address.ts';
import type { Link } from './link.ts';

/** The migrations of the log's own tables, oldest first. */
const knownMigrations = () => migrationsOf('postgres');

/**
 * Makes the log's schema where it is not there, and brings its tables up to date, all or nothing. Of several processes that start at once one does it,
 * and the others wait. Throws `LOG_TOO_NEW`, `LOG_BUSY`.
 */
export async function migrateLog(link: Link, log: string, waitMs: number = limits.migrationWaitMs): Promise<void> {
  if ((await lastApplied(link, log)) === newest()) return;
  // What another start has done while the lock was waited for must be seen, whatever the database's own default is.
  await link.say('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    await link.say(`SET LOCAL lock_timeout = ${waitMs}`);
    await link.say(`SELECT pg_advisory_xact_lock(hashtextextended('varve ${log}', 0))`, { isPatient: true });
    await applyMissing(link, log);
    await link.say('COMMIT');
  } catch (fault) {
    await link.say('ROLLBACK').catch(() => undefined);
    throw fault;
  }
}

async function applyMissing(link: Link, log: string): Promise<void> {
  const [applied, schema] = [await lastApplied(link, log), schemaOf(log)];
  if (applied > newest()) throw tooNew(log);
  // Asked for where it is there, too, making one takes a right that nobody else needs.
  if (!(await isThere(link, `pg_namespace WHERE nspname = '${log}'`))) await link.say(`CREATE SCHEMA ${schema}`);
  await link.say(`SET LOCAL search_path = ${schema}`);
  await link.say('CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)');
  for (const { sql, hash, folderMillis } of knownMigrations().filter((migration) => migration.folderMillis > applied)) {
    for (const statement of sql) await link.say(statement, { isPatient: true });
    await link.say(`INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('${hash}', ${folderMillis})`);
  }
}

/** Whether the log's own tables are as this version of the program has them, or as another one left them, or not there. */
export async function migrationState(link: Link, log: string): Promise<'present' | 'older' | 'newer' | 'none'> {
  const applied = await lastApplied(link, log);
  if (applied === newest()) return 'present';
  if (applied === 0) return 'none';
  return applied < newest() ? 'older' : 'newer';
}

const newest = () => newestOf(knownMigrations());

/** When the migration that was applied last was made; 0 where none was. */
async function lastApplied(link: Link, log: string): Promise<number> {
  if (!(await isThere(link, `pg_tables WHERE schemaname = '${log}' AND tablename = '__drizzle_migrations'`))) return 0;
  const { rows } = await link.say(`SELECT coalesce(max(created_at), 0) FROM ${schemaOf(log)}.__drizzle_migrations`);
  return Number(rows[0]?.[0]);
}

/** By a look into the catalog's tables: `to_regclass` and its like remember, from before the lock was waited for, that something was not there. */
async function isThere(link: Link, what: string): Promise<boolean> {
  const { rows } = await link.say(`SELECT FROM pg_catalog.${what}`);
  return rows.length > 0;
}

/** A log that a newer version of the program has migrated: nobody here knows what its tables should be. */
export const tooNew = (log: string): VarveError =>
  new VarveError({
    code: 'LOG_TOO_NEW',
    message: `The log ${log} was migrated by a newer version of Varve.`,
    hint: 'Start that version. Nothing was touched.',
  });

/** A log that only a start of this version brings up to date. */
export const tooOld = (log: string): VarveError =>
  new VarveError({
    code: 'LOG_TOO_OLD',
    message: `The log ${log} was written by an older version of Varve, and not by this one yet.`,
    hint: 'Start the server on it once: that brings its tables up to date.',
  });
