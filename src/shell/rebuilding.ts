import type { Database } from 'better-sqlite3';
import type { Application } from '#application';
import { limits, type Position, VarveError } from '#base';
import { codecOf } from '#command';
import { assertLog, type EventReader, lockRebuild } from '#eventstore';
import { FoldedRow, type Projection } from '#projector';
import { encodeRow, noteRebuilt, sqliteRows, type Table } from '#readtable';
import type { Interruption } from './interruption.ts';
import { logFile } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { type OnRebuild, type RebuildParts, rebuildTables, staleOf } from './rebuild.ts';
import { folderStore } from './stores.ts';
import { withLog } from './withlog.ts';

/** What an operator wants to have rebuilt. */
export interface RebuildWish {
  /** Names of read tables; none: all. */
  readonly tables: readonly string[];
  /** Of one table, this row alone. */
  readonly key?: string | undefined;
}

/** What was rebuilt. */
export interface Rebuilt {
  /** How far the log was. */
  readonly position: Position;
  readonly tables: readonly string[];
  /** Of one row: whether it stood otherwise than the log gives it, or was there though it gives none, or the reverse. */
  readonly changed?: boolean;
}

type Told = readonly [show: ShowProgress, interruption: Interruption];

/**
 * Rebuilds read tables from the log, beside a running server too. Throws `NO_LOG`, `BAD_CONFIGURATION` where there is no such table, `REBUILD_UNDER_WAY`,
 * `REBUILD_STALE` where another version of the program built the table that a running one serves, and what {@link rebuildTables} throws.
 */
export async function rebuildWished(application: Application, folder: string, wish: RebuildWish, ...told: Told): Promise<Rebuilt> {
  const projections = wishedOf(application, wish);
  assertLog(logFile(folder));
  const rebuilding = lockRebuild(folder, 'varve rebuild');
  try {
    return await withLog(folder, 'varve rebuild', (log, isBeside) => {
      const parts = { store: folderStore(log, folder), codec: codecOf(application), projections };
      return wish.key === undefined ? whole(parts, isBeside, told) : ofRow(parts, wish.key, told);
    });
  } finally {
    rebuilding.release();
  }
}

function wishedOf({ projections }: Application, { tables, key }: RebuildWish): readonly Projection[] {
  const names = projections.map(({ table }) => table.name);
  const unknown = tables.find((name) => !names.includes(name));
  if (unknown !== undefined) throw bad(`There is no read table ${JSON.stringify(unknown)}.`, `There are: ${names.join(', ')}.`);
  if (key !== undefined && tables.length !== 1)
    throw bad('A key is that of a row of one read table.', 'Name the table: varve rebuild orders --key 536365');
  return tables.length === 0 ? projections : projections.filter(({ table }) => tables.includes(table.name));
}

const bad = (message: string, hint: string) => new VarveError({ code: 'BAD_CONFIGURATION', message, hint });

type Parts = Omit<RebuildParts<Database>, 'onRebuild'>;

async function whole(parts: Parts, isBeside: boolean, [show, interruption]: Told): Promise<Rebuilt> {
  if (isBeside) await assertFresh(parts);
  let position = 0;
  const onRebuild: OnRebuild = (tables, progress) => {
    position = progress.done;
    if (progress.done < progress.total) interruption.check();
    show({ ...progress, title: `Rebuilding ${tables.join(', ')}`, unit: 'events' });
  };
  await rebuildTables({ ...parts, onRebuild }, isBeside);
  return { position, tables: parts.projections.map(({ table }) => table.name) };
}

/** Rows that one program made go on being changed by that one: another one's would be none of its own. */
async function assertFresh({ store: { log, catalog }, projections }: Parts): Promise<void> {
  const [stale] = await log.reading(async ({ connection }) => staleOf(projections, await catalog.tableStates(connection)));
  if (!stale) return;
  throw new VarveError({
    code: 'REBUILD_STALE',
    message: `The read table ${stale.table.name} was built by another version of its projection.`,
    hint: 'Start the server of this version: it rebuilds the table before it serves.',
  });
}

async function ofRow(parts: Parts, key: string, [show, interruption]: Told): Promise<Rebuilt> {
  await assertFresh(parts);
  const {
    store: { log },
    codec,
    projections,
  } = parts;
  const [projection] = projections as readonly [Projection];
  const { table } = projection;
  const folded = new FoldedRow(projection, key);
  let position = 0;
  const fold = async (reader: Pick<EventReader, 'read'>): Promise<boolean> => {
    const page = await reader.read('all', { after: position });
    for (const stored of page) await folded.take(codec.decode(stored));
    position = page.at(-1)?.position ?? position;
    return page.length === limits.readEventsMax;
  };
  while (await fold(log)) {
    interruption.check();
    show({ title: `Folding ${table.name} ${key}`, unit: 'events', done: position, total: await log.position() });
  }
  const changed = await log.transaction(async (transaction) => {
    // What came meanwhile.
    while (await fold(transaction));
    return put({ table, key }, transaction.connection, folded, position);
  });
  return { position, tables: [table.name], changed };
}

/** Writes the row where it stands otherwise; answers whether it did. */
async function put(
  { table, key }: { readonly table: Table; readonly key: string },
  connection: Parameters<typeof noteRebuilt>[0],
  { row }: FoldedRow,
  position: Position,
): Promise<boolean> {
  const rows = sqliteRows();
  const standing = await rows.get(connection, table, key);
  const textOf = (one: typeof row) => one && encodeRow(table.columns, one);
  if (textOf(standing) === textOf(row)) return false;
  await rows.write(connection, table, new Map([[key, row]]));
  noteRebuilt(connection, table, position);
  return true;
}
