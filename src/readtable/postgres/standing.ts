import type { Position, SqlReads } from '#base';
import type { Stored } from '../encoding.ts';
import { quote } from '../names.ts';
import type { NotedTable, StandingTables, StoredValues, TableAhead } from '../standing.ts';
import type { Table } from '../table.ts';

/** The read tables as they stand in a database. */
export const postgresStanding = (sql: SqlReads): StandingTables => ({
  noted: () => notedTables(sql),
  columns: (name) => storedColumns(sql, name),
  count: (name) => countRows(sql, name),
  ahead: (last) => aheadOf(sql, last),
  rows: (...asked) => rowsAfter(sql, ...asked),
});

/** The read tables that the schema says it has, by name. */
async function notedTables(sql: SqlReads): Promise<ReadonlyMap<string, NotedTable>> {
  const rows = await sql.read<readonly [string, string, boolean]>(
    `SELECT name, hash, to_regclass(format('%s.%I', $1::text, name)) IS NOT NULL FROM ${sql.schema}.read_tables`,
    [sql.schema],
  );
  return new Map(rows.map(([name, hash, stands]) => [name, { hash, stands }]));
}

/** The columns of a table as the schema has it, by name; none where it is not there. */
async function storedColumns(sql: SqlReads, name: string): Promise<ReadonlySet<string>> {
  const rows = await sql.read<readonly [string]>(
    'SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped',
    [`${sql.schema}.${quote(name)}`],
  );
  return new Set(rows.map(([column]) => column));
}

/** How many rows it has. */
async function countRows(sql: SqlReads, name: string): Promise<number> {
  const [row] = await sql.read<readonly [number]>(`SELECT count(*) FROM ${sql.schema}.${quote(name)}`);
  return row?.[0] ?? 0;
}

/** What says, of a read table or of its changes, that the log has been where it has not been. */
async function aheadOf({ schema, read }: SqlReads, last: Position): Promise<readonly TableAhead[]> {
  const rows = await read<readonly [string, Position, string]>(
    `SELECT name, position, 'was built at' FROM ${schema}.read_tables WHERE position NOT BETWEEN 0 AND $1
     UNION ALL SELECT name, journaled_after, 'has its changes after' FROM ${schema}.read_tables WHERE journaled_after NOT BETWEEN 0 AND $1
     UNION ALL SELECT read_table, max(position), 'has a change at' FROM ${schema}.changes WHERE position NOT BETWEEN 1 AND $1 GROUP BY read_table`,
    [last],
  );
  return rows.map(([table, position, what]) => ({ table, position, what }));
}

/** A table's rows after a key, or from the first on. */
function rowsAfter(
  sql: SqlReads,
  { name, columns, key }: Table,
  after: Stored | undefined,
  count: number,
): Promise<readonly StoredValues[]> {
  const names = Object.keys(columns).map(quote).join(', ');
  const select = `SELECT ${names} FROM ${sql.schema}.${quote(name)}`;
  const order = `ORDER BY ${quote(key)} LIMIT`;
  if (after === undefined) return sql.read(`${select} ${order} $1`, [count]);
  return sql.read(`${select} WHERE ${quote(key)} > $1 ${order} $2`, [after, count]);
}
