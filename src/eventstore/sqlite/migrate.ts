import type Database from 'better-sqlite3';
import type { MigrationMeta } from 'drizzle-orm/migrator';
import { VarveError } from '#base';
import { migrationsOf, newestOf } from '../migrations.ts';
import { linkAll } from './chain.ts';

/** The migrations of the log's own tables, oldest first. */
export const knownMigrations = (): readonly MigrationMeta[] => migrationsOf('sqlite');

/** Whether the log's own tables are as this version of the program has them, or as an older or a newer one left them. */
export function migrationState(db: Database.Database): 'present' | 'older' | 'newer' {
  const [applied, newest] = [lastApplied(db), newestOf(knownMigrations())];
  if (applied === newest) return 'present';
  return applied < newest ? 'older' : 'newer';
}

/** A log that a newer version of the program has migrated: nobody here knows what its tables should be. */
export const tooNew = (file: string): VarveError =>
  new VarveError({
    code: 'LOG_TOO_NEW',
    message: `${file} was migrated by a newer version of Varve.`,
    hint: 'Start that version. The file was not touched.',
  });

/** A log that only a start of this version brings up to date. */
export const tooOld = (file: string): VarveError =>
  new VarveError({
    code: 'LOG_TOO_OLD',
    message: `${file} was written by an older version of Varve, and not by this one yet.`,
    hint: 'Start the server on it once, or on a copy of it: that brings its tables up to date.',
  });

/** Brings the log's own tables up to date. */
export function migrateLog(db: Database.Database): void {
  const known = knownMigrations();
  const applied = lastApplied(db);
  if (applied === newestOf(known)) return;
  const missing = known.filter(({ folderMillis }) => folderMillis > applied);
  db.transaction(() => migrate(db, missing))();
}

/**
 * Applies migrations, as drizzle's own migrator does it, whose faults hide SQLite's: of a full disk it says that there is no transaction to roll
 * back.
 */
export function migrate(db: Database.Database, migrations: readonly MigrationMeta[]): void {
  db.exec('CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)');
  const note = db.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)');
  const wasChained = hasHashes(db);
  for (const { sql, hash, folderMillis } of migrations) {
    for (const statement of sql) db.exec(statement);
    note.run(hash, folderMillis);
  }
  if (!wasChained && hasHashes(db)) linkAll(db);
}

/** True where its events have a place for their hashes: not so in a log from before there was a chain, until it is migrated. */
export const hasHashes = (db: Database.Database) =>
  db.prepare("SELECT 1 FROM pragma_table_info('events') WHERE name = 'hash'").get() !== undefined;

/** When the migration that was applied last was made; 0 where none was. */
export function lastApplied(db: Database.Database): number {
  const journal = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'").get();
  return journal === undefined ? 0 : Number(db.prepare('SELECT max(created_at) FROM __drizzle_migrations').pluck().get() ?? 0);
}
