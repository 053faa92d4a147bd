import type { Application } from '#application';
import { limits, type Position, VarveError } from '#base';
import { codecOf } from '#command';
import { assertLog, type EventReader, lockRebuild, openPostgresLook, openPostgresStore } from '#eventstore';
import { FoldedRow, type Projection } from '#projector';
import { encodeRow, type Table } from '#readtable';
import type { Interruption } from './interruption.ts';
import { type DatabasePlace, type FolderPlace, logFile, type Place, shownPlace } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { type LockedParts, type OnRebuild, putInForce, rebuildTables, staleOf } from './rebuild.ts';
import { databaseStore, folderStore, type LogStore, type RebuildLock } from './stores.ts';
import { withLog } from './withlog.ts';

/** What an operator wants to have rebuilt. */
export interface RebuildWish {
  /** Names of read tables; none: all. */
  readonly tables: readonly string[];
  /** Of one table, this row alone. */
  readonly key?: string | undefined;
  /** True: the read tables as this version of the program has them, though another one has replaced them. */
  readonly isReturn?: boolean | undefined;
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

/** @param isBeside others may write to the log meanwhile */
type Work = <Connection>(store: LogStore<Connection>, lock: RebuildLock<Connection>, isBeside: boolean) => Promise<Rebuilt>;

/**
 * Rebuilds read tables from the log, beside running servers too. Throws `NO_LOG`, `BAD_CONFIGURATION` where there is no such table, `REBUILD_UNDER_WAY`,
 * `REBUILD_STALE` where another version of the program built the table that a running one serves, unless it is to be replaced, and what {@link rebuildTables} throws.
 */
export function rebuildWished(application: Application, place: Place, wish: RebuildWish, ...told: Told): Promise<Rebuilt> {
  const projections = wishedOf(application, wish);
  const codec = codecOf(application);
  const work: Work = (store, lock, isBeside) => {
    const parts = { store, lock, codec, projections };
    if (wish.isReturn) return goneBack(parts, isBeside, told);
    return wish.key === undefined ? whole(parts, isBeside, told) : ofRow(parts, wish.key, told);
  };
  return 'folder' in place ? inFolder(place, work) : inDatabase(place, application, work);
}

async function inFolder({ folder }: FolderPlace, work: Work): Promise<Rebuilt> {
  // Before the lock, whose file needs a folder.
  assertLog(logFile(folder));
  const rebuilding = lockRebuild(folder, 'varve rebuild');
  try {
    return await withLog(folder, 'varve rebuild', (log, isBeside) => work(folderStore(log, folder), rebuilding, isBeside));
  } finally {
    rebuilding.release();
  }
}

async function inDatabase(place: DatabasePlace, { projections }: Application, work: Work): Promise<Rebuilt> {
  // A log that is not there, or is an older program's, is not made here.
  await (await openPostgresLook(place.url, place.log)).close();
  const log = await openPostgresStore(place.url, { log: place.log });
  try {
    const lock = await log.tryLockRebuild();
    if (!lock) throw underWay(place);
    try {
      return await work(databaseStore(log, { projections }), lock, true);
    } finally {
      await lock.release();
    }
  } finally {
    await log.close();
  }
}

const underWay = (place: Place) =>
  new VarveError({
    code: 'REBUILD_UNDER_WAY',
    message: `The read tables of ${shownPlace(place)} are being rebuilt by another process.`,
    hint: 'Wait for its end, or stop it: then the old tables go on standing.',
    retryable: true,
  });

function wishedOf({ projections }: Application, { tables, key, isReturn }: RebuildWish): readonly Projection[] {
  const names = projections.map(({ table }) => table.name);
  const unknown = tables.find((name) => !names.includes(name));
  if (unknown !== undefined) throw bad(`There is no read table ${JSON.stringify(unknown)}.`, `There are: ${names.join(', ')}.`);
  if (key !== undefined && tables.length !== 1)
    throw bad('A key is that of a row of one read table.', 'Name the table: varve rebuild orders --key 536365');
  if (isReturn && tables.length > 0)
    throw bad('A version of the program is gone back to as a whole.', 'Name no table: varve rebuild --go-back');
  return tables.length === 0 ? projections : projections.filter(({ table }) => tables.includes(table.name));
}

const bad = (message: string, hint: string) => new VarveError({ code: 'BAD_CONFIGURATION', message, hint });

type Parts<Connection> = Omit<LockedParts<Connection>, 'onRebuild'>;

async function whole<Connection>(parts: Parts<Connection>, isBeside: boolean, told: Told): Promise<Rebuilt> {
  if (isBeside) await assertFresh(parts);
  await rebuildTables({ ...parts, onRebuild: showing(told) }, isBeside);
  return rebuiltOf(parts, parts.projections);
}

async function goneBack<Connection>(parts: Parts<Connection>, isBeside: boolean, told: Told): Promise<Rebuilt> {
  return rebuiltOf(parts, await putInForce({ ...parts, onRebuild: showing(told) }, { isReturn: true, isBeside }));
}

const showing =
  ([show, interruption]: Told): OnRebuild =>
  (tables, progress) => {
    if (progress.done < progress.total) interruption.check();
    show({ ...progress, title: `Rebuilding ${tables.join(', ')}`, unit: 'events' });
  };

async function rebuiltOf<Connection>({ store: { log } }: Parts<Connection>, projections: readonly Projection[]): Promise<Rebuilt> {
  return { position: await log.position(), tables: projections.map(({ table }) => table.name) };
}

/** Rows that one program made go on being changed by that one: another one's would be none of its own. */
async function assertFresh<Connection>({ store: { log, catalog }, projections }: Parts<Connection>): Promise<void> {
  const [stale] = await log.reading(async ({ connection }) => staleOf(projections, await catalog.tableStates(connection)));
  if (!stale) return;
  throw new VarveError({
    code: 'REBUILD_STALE',
    message: `The read table ${stale.table.name} was built by another version of its projection.`,
    hint: 'Start the server of this version: it rebuilds the table before it serves.',
  });
}

async function ofRow<Connection>(parts: Parts<Connection>, key: string, [show, interruption]: Told): Promise<Rebuilt> {
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
    return put({ table, key, ...parts.store }, transaction.connection, folded, position);
  });
  return { position, tables: [table.name], changed };
}

type OneRow<Connection> = Pick<LogStore<Connection>, 'rows' | 'catalog'> & { readonly table: Table; readonly key: string };

/** Writes the row where it stands otherwise; answers whether it did. */
async function put<Connection>(
  { table, key, rows, catalog }: OneRow<Connection>,
  connection: Connection,
  { row }: FoldedRow,
  position: Position,
): Promise<boolean> {
  const standing = await rows.get(connection, table, key);
  const textOf = (one: typeof row) => one && encodeRow(table.columns, one);
  if (textOf(standing) === textOf(row)) return false;
  await rows.write(connection, table, new Map([[key, row]]));
  await catalog.noteRebuilt(connection, table, position);
  return true;
}
