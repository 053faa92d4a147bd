import type { NamesSql } from '../sql/tables.ts';

const relations = (schema: string) => `SELECT relname::text AS name FROM pg_class WHERE relnamespace = '${schema}'::regnamespace`;
const named = (schema: string) => `(SELECT oid FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relname = $1::text)`;

/** Names in a schema of PostgreSQL. */
export const postgresNames: NamesSql = {
  tables: (schema) => `${relations(schema)} AND relkind = 'r'`,
  relations,
  columns: (schema) => `SELECT attname::text FROM pg_attribute WHERE attrelid = ${named(schema)} AND attnum > 0 AND NOT attisdropped`,
  indexes: (schema) => `SELECT relname::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = ${named(schema)}`,
};
