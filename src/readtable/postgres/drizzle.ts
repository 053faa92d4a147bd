import { createRequire } from 'node:module';
import type * as Core from 'drizzle-orm/pg-core';

/** drizzle's tables and queries for PostgreSQL: by its CommonJS build, as `sql/drizzle.ts` says. */
export const { bigint, integer, pgSchema, QueryBuilder, smallint, text } = createRequire(import.meta.url)(
  'drizzle-orm/pg-core',
) as typeof Core;
