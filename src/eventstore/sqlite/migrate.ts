import { createRequire } from 'node:module';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type * as Driver from 'drizzle-orm/better-sqlite3';
import type * as DriverMigrator from 'drizzle-orm/better-sqlite3/migrator';
import type * as Migrator from 'drizzle-orm/migrator';
import { VarveError } from '#base';

// By its CommonJS build, which starts a second sooner: docs/decisions/017.
const load = createRequire(import.meta.url);
const { readMigrationFiles } = load('drizzle-orm/migrator') as typeof Migrator;

/** Where the migrations of the log's own tables are, and what each left behind. */
export const migrationsFolder = join(import.meta.dirname, '../../../drizzle/sqlite');

/** Brings the log's own tables up to date. Throws `LOG_TOO_NEW` where a newer version of the program has migrated them. */
export function migrateLog(db: Database.Database, file: string): void {
  const known = readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis);
  const newest = Math.max(...known);
  const applied = lastApplied(db);
  if (applied > newest) {
    throw new VarveError({
      code: 'LOG_TOO_NEW',
      message: `${file} was migrated by a newer version of Varve.`,
      hint: 'Start that version. The file was not touched.',
    });
  }
  if (applied === newest) return;
  const { drizzle } = load('drizzle-orm/better-sqlite3') as typeof Driver;
  const { migrate } = load('drizzle-orm/better-sqlite3/migrator') as typeof DriverMigrator;
  migrate(drizzle({ client: db }), { migrationsFolder });
}

/** When the migration that was applied last was made; 0 where none was. */
export function lastApplied(db: Database.Database): number {
  const journal = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'").get();
  return journal === undefined ? 0 : Number(db.prepare('SELECT max(created_at) FROM __drizzle_migrations').pluck().get() ?? 0);
}
