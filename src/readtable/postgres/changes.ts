import type { Position, SqlReads } from '#base';
import { reaches, type TableRows } from '../changes.ts';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import type { AnyRow } from '../table.ts';
import { type Undo, withAfter } from '../undo.ts';

type Entry = readonly [position: Position, key: string, before: string | null];

/** Changes of a table; undefined where the journal does not reach back to all after `after`. Two ways there and back. */
export async function readChanges(sql: SqlReads, table: TableRows, request: ChangesRequest): Promise<JournalPage | undefined> {
  const [[made], found] = await Promise.all([
    sql.read<readonly [builtAt: Position, journaledAfter: Position | null]>(
      `SELECT position, journaled_after FROM ${sql.schema}.read_tables WHERE name = $1`,
      [table.name],
    ),
    entries(sql, table.name, request),
  ]);
  if (!reaches(made, request.after)) return undefined;
  const undos = found.slice(0, request.count).map(([position, key, before]) => ({ position, key, before: rowOf(table, before) }));
  const hasMore = found.length > undos.length;
  return { changes: withAfter(undos, await later(sql, table, undos, hasMore)), hasMore };
}

/** One entry more than asked for tells whether there are more. */
function entries(sql: SqlReads, name: string, { after, key, count }: ChangesRequest): Promise<readonly Entry[]> {
  const select = `SELECT position, key, before FROM ${sql.schema}.changes WHERE read_table = $1`;
  if (key !== undefined) {
    const isSeen = after.key === undefined || compareKeys(key, after.key) <= 0;
    return sql.read(`${select} AND key = $2 AND position >= $3 ORDER BY position LIMIT $4`, [
      name,
      key,
      after.position + (isSeen ? 1 : 0),
      count + 1,
    ]);
  }
  // No key is empty: this place stands before all of the next position.
  const [position, place] = after.key === undefined ? [after.position + 1, ''] : [after.position, after.key];
  return sql.read(`${select} AND (position, key) > ($2, $3) ORDER BY position, key LIMIT $4`, [name, position, place, count + 1]);
}

/** Each key's row after its last change in the page: as it stood before its next change, or as it stands. */
async function later(
  sql: SqlReads,
  table: TableRows,
  page: readonly Undo[],
  hasMore: boolean,
): Promise<ReadonlyMap<string, AnyRow | undefined>> {
  const end = page.at(-1);
  if (!end) return new Map();
  const keys = [...new Set(page.map(({ key }) => key))];
  const [standing, next] = await Promise.all([table.rows(keys), hasMore ? nextBefores(sql, table.name, keys, end) : []]);
  const rows = new Map(keys.map((key, i) => [key, standing[i]]));
  for (const [key, before] of next) rows.set(key, rowOf(table, before));
  return rows;
}

/** Of those of the keys that change again after a change, how their rows stood before that. */
export const nextBefores = (sql: SqlReads, name: string, keys: readonly string[], end: Undo) =>
  sql.read<readonly [key: string, before: string | null]>(
    `SELECT asked.key, next.before FROM unnest($2::text[]) AS asked (key) CROSS JOIN LATERAL (
       SELECT before FROM ${sql.schema}.changes
       WHERE read_table = $1 AND key = asked.key AND position >= $3 AND (position, key) > ($3, $4) ORDER BY position LIMIT 1
     ) AS next`,
    [name, keys, end.position, end.key],
  );

const rowOf = ({ decode }: TableRows, before: string | null): AnyRow | undefined =>
  before === null ? undefined : decode(JSON.parse(before) as readonly unknown[]);
