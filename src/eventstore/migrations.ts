import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Migrator from 'drizzle-orm/migrator';

// By its CommonJS build, which starts a second sooner: docs/decisions/017.
const load = createRequire(import.meta.url);
const { readMigrationFiles } = load('drizzle-orm/migrator') as typeof Migrator;

/** The migrations of the log's own tables in a dialect, oldest first. */
export const migrationsOf = (dialect: 'sqlite' | 'postgres'): readonly Migrator.MigrationMeta[] =>
  readMigrationFiles({ migrationsFolder: join(import.meta.dirname, '../../drizzle', dialect) });

/** When the newest of some migrations was made: that is what they are known by. */
export const newestOf = (migrations: readonly Migrator.MigrationMeta[]): number =>
  Math.max(...migrations.map(({ folderMillis }) => folderMillis));
