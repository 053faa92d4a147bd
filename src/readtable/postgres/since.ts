import type { Position, SqlReads } from '#base';
import { rowDecoder } from '../decode.ts';
import type { TableChange } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import { quote } from '../names.ts';
import { type AnyRow, keyOf, type Table } from '../table.ts';
import { type Undo, withAfter } from '../undo.ts';

type Entry = readonly [table: string, position: Position, key: string, before: string | null];

/** `Journal.since` by two ways there and back: a read of the journal, then one of each table's rows as they stand. */
export async function changesSince(
  reads: SqlReads,
  after: Position,
  tables: readonly Table[],
  upTo: Position = Number.MAX_SAFE_INTEGER,
): Promise<readonly TableChange[] | undefined> {
  const names = tables.map(({ name }) => name);
  const [reach, entries] = await Promise.all([
    reads.read<readonly [Position, Position | null]>(
      `SELECT position, journaled_after FROM ${reads.schema}.read_tables WHERE name = ANY($1::text[])`,
      [names],
    ),
    reads.read<Entry>(
      `SELECT read_table, position, key, before FROM ${reads.schema}.changes WHERE read_table = ANY($1::text[]) AND position > $2 AND position <= $3`,
      [names, after, upTo],
    ),
  ]);
  const isShort = ([builtAt, reachesBackTo]: readonly [Position, Position | null]) =>
    reachesBackTo === null || (reachesBackTo > after && reachesBackTo > builtAt);
  if (reach.some(isShort)) return undefined;
  const ofTables = await Promise.all(tables.map((table) => ofTable(reads, table, entries)));
  // Each table's are in order, and come in the order of the tables: sorting by position keeps both.
  return ofTables.flat().sort((a, b) => a.position - b.position);
}

async function ofTable(reads: SqlReads, table: Table, entries: readonly Entry[]): Promise<readonly TableChange[]> {
  const decode = rowDecoder(table);
  const undos = entries
    .filter(([name]) => name === table.name)
    .map(([, position, key, before]): Undo => ({ position, key, before: before === null ? undefined : decode(JSON.parse(before)) }))
    .sort((a, b) => a.position - b.position || compareKeys(a.key, b.key));
  const standing = await standingRows(reads, table, decode, [...new Set(undos.map(({ key }) => key))]);
  return withAfter(undos, standing).map((change) => ({ table, ...change }));
}

async function standingRows(
  reads: SqlReads,
  table: Table,
  decode: (values: readonly unknown[]) => AnyRow,
  keys: readonly string[],
): Promise<ReadonlyMap<string, AnyRow>> {
  if (keys.length === 0) return new Map();
  const columns = Object.keys(table.columns).map(quote).join(', ');
  const text = `SELECT ${columns} FROM ${reads.schema}.${quote(table.name)} WHERE ${quote(table.key)} = ANY($1::text[])`;
  const rows = (await reads.read(text, [keys])).map(decode);
  return new Map(rows.map((row) => [keyOf(table, row), row]));
}
