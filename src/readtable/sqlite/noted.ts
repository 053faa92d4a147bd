import type { Database } from 'better-sqlite3';
import type { Position } from '#base';

/** A read table as the file has it noted. */
export interface NotedTable {
  /** What it was built by. */
  readonly hash: string;
  /** False where its rows are not there. */
  readonly stands: boolean;
}

/** The read tables that the file says it has, by name. */
export function notedTables(db: Database): ReadonlyMap<string, NotedTable> {
  const rows = db
    .prepare<[], { name: string; hash: string; stands: 0 | 1 }>(
      `SELECT name, hash, EXISTS (SELECT 1 FROM sqlite_schema AS made WHERE made.type = 'table' AND made.name = read_tables.name) AS stands
       FROM read_tables`,
    )
    .all();
  return new Map(rows.map(({ name, hash, stands }) => [name, { hash, stands: stands === 1 }]));
}

/** The columns of a table as the file has it, by name; none where it is not there. */
export function storedColumns(db: Database, name: string): ReadonlySet<string> {
  return new Set(db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(name));
}

/** What says, of a read table or of its changes, that the log has been where it has not been, in words. */
export function* aheadOf(
  db: Database,
  last: Position,
): Generator<{ readonly table: string; readonly position: Position; readonly what: string }> {
  yield* db
    .prepare<{ last: Position }, { table: string; position: Position; what: string }>(
      `SELECT name AS "table", position, 'was built at' AS what FROM read_tables WHERE position NOT BETWEEN 0 AND @last
       UNION ALL SELECT name, journaled_after, 'has its changes after' FROM read_tables WHERE journaled_after NOT BETWEEN 0 AND @last
       UNION ALL SELECT read_table, max(position), 'has a change at' FROM changes WHERE position NOT BETWEEN 1 AND @last GROUP BY read_table`,
    )
    .iterate({ last });
}
