import type { Database } from 'better-sqlite3';
import type { Position } from '#base';
import type { Stored } from '../encoding.ts';
import { quote } from '../names.ts';
import type { NotedTable, StandingTables, StoredValues, TableAhead } from '../standing.ts';
import type { Table } from '../table.ts';

/** The read tables as they stand in a file. */
export const sqliteStanding = (db: Database): StandingTables => ({
  noted: () => notedTables(db),
  columns: (name) => storedColumns(db, name),
  count: (name) => countRows(db, name),
  ahead: (last) => aheadOf(db, last),
  rows: (...asked) => rowsAfter(db, ...asked),
});

/** The read tables that the file says it has, by name. */
function notedTables(db: Database): ReadonlyMap<string, NotedTable> {
  const rows = db
    .prepare<[], { name: string; hash: string; stands: 0 | 1 }>(
      `SELECT name, hash, EXISTS (SELECT 1 FROM sqlite_schema AS made WHERE made.type = 'table' AND made.name = read_tables.name) AS stands
       FROM read_tables`,
    )
    .all();
  return new Map(rows.map(({ name, hash, stands }) => [name, { hash, stands: stands === 1 }]));
}

/** The columns of a table as the file has it, by name; none where it is not there. */
function storedColumns(db: Database, name: string): ReadonlySet<string> {
  return new Set(db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(name));
}

/** How many rows it has. */
const countRows = (db: Database, name: string): number =>
  db
    .prepare<[], number>(`SELECT count(*) FROM ${quote(name)}`)
    .pluck()
    .get() ?? 0;

/** What says, of a read table or of its changes, that the log has been where it has not been. */
const aheadOf = (db: Database, last: Position): readonly TableAhead[] =>
  db
    .prepare<{ last: Position }, TableAhead>(
      `SELECT name AS "table", position, 'was built at' AS what FROM read_tables WHERE position NOT BETWEEN 0 AND @last
       UNION ALL SELECT name, journaled_after, 'has its changes after' FROM read_tables WHERE journaled_after NOT BETWEEN 0 AND @last
       UNION ALL SELECT read_table, max(position), 'has a change at' FROM changes WHERE position NOT BETWEEN 1 AND @last GROUP BY read_table`,
    )
    .all({ last });

/** A table's rows after a key, or from the first on. */
function rowsAfter(db: Database, { name, columns, key }: Table, after: Stored | undefined, count: number): readonly StoredValues[] {
  const names = Object.keys(columns).map(quote).join(', ');
  const select = `SELECT ${names} FROM ${quote(name)}`;
  const order = `ORDER BY ${quote(key)} LIMIT ?`;
  if (after === undefined) return db.prepare<[number], StoredValues>(`${select} ${order}`).raw().all(count);
  return db
    .prepare<[Stored, number], StoredValues>(`${select} WHERE ${quote(key)} > ? ${order}`)
    .raw()
    .all(after, count);
}
