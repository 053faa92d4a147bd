import { createRequire } from 'node:module';
import type * as Drizzle from 'drizzle-orm';

/*
 * By its CommonJS build. For each of a package's ES modules Node reads the package's description anew, and this one's has 179 KB: imported, its
 * hundred modules cost a start a second of processor and 200 MB (docs/decisions/017).
 */
const load = createRequire(import.meta.url);

/** drizzle's expressions. */
export const { and, asc, desc, getTableColumns, is, or, Placeholder, sql } = load('drizzle-orm') as typeof Drizzle;
