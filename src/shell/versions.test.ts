import { expect, onTestFinished, test, vi } from 'vitest';
import type { Application } from '#application';
import { VarveError } from '#base';
import { codecOf } from '#command';
import { openPostgresStore } from '#eventstore';
import type { Table } from '#readtable';
import { checkPlace } from './check.ts';
import { colours, cutKey, keys, lock, locked, newDoors, newer, oldDoors, older, paint, paintCoats } from './doors.fixture.ts';
import { type Engine, openPlace } from './open.ts';
import type { DatabasePlace } from './place.ts';
import { describePostgres, newPlace, tamper } from './postgres.fixture.ts';
import { rebuildTables } from './rebuild.ts';
import { rebuildWished } from './rebuilding.ts';
import { databaseStore } from './stores.ts';

const told = [() => {}, { check: () => {} }] as const;
const until = (is: () => void) => vi.waitFor(is, { timeout: 15_000, interval: 20 });

/** Opens a version of the program; says what it was told of being superseded. */
async function opened(application: Application, place: DatabasePlace) {
  const superseded: string[] = [];
  const engine = await openPlace(application, place, {
    onSuperseded: (fault) => superseded.push(fault instanceof VarveError ? fault.code : String(fault)),
  });
  onTestFinished(() => engine.close());
  return { ...engine, superseded };
}

async function rowsOf({ snapshots }: Pick<Engine, 'snapshots'>, table: Table, ...ids: readonly string[]) {
  const snapshot = await snapshots.take();
  try {
    return await snapshot.rows(table, ids);
  } finally {
    snapshot.release();
  }
}

const generations = (place: DatabasePlace) => tamper(place, 'SELECT generation::int FROM generations ORDER BY generation');

describePostgres('of two versions of a program on one log', () => {
  test('the newer one takes over in one step: the older one accepts nothing, shows only what is the same in both, and is told so', async () => {
    const place = newPlace();
    const first = await opened(older, place);
    await first.send(cutKey, { keyId: 'brass' });
    await first.send(paint, { doorId: 'front', colour: 'red' });
    const earlier = await first.snapshots.take();
    const opening = opened(newer, place);
    // Until its last reader has gone nothing is put in a table's place.
    expect(await earlier.row(oldDoors, 'front')).toEqual({ doorId: 'front', colour: 'red' });
    earlier.release();
    const second = await opening;

    const isRefused = expect.objectContaining({ code: 'SUPERSEDED', retryable: true });
    const options = { commandId: 'once' };
    await expect(first.send(cutKey, { keyId: 'iron' }, options)).rejects.toEqual(isRefused);
    for (const table of [oldDoors, colours]) await expect(rowsOf(first, table, 'front')).rejects.toEqual(isRefused);
    expect(await rowsOf(first, keys, 'brass')).toEqual([{ keyId: 'brass' }]);
    await until(() => expect(first.superseded).toEqual(['SUPERSEDED']));

    // Sent again there, it takes effect, once.
    const sent = await second.send(cutKey, { keyId: 'iron' }, options);
    expect(await second.send(cutKey, { keyId: 'iron' }, options)).toEqual({ ...sent, replayed: true });
    await second.send(paintCoats, { doorId: 'back', colour: 'blue', coats: 3 });
    await second.send(lock, { doorId: 'back' });
    expect(await rowsOf(second, newDoors, 'front', 'back')).toEqual([
      { doorId: 'front', coats: 1 },
      { doorId: 'back', coats: 3 },
    ]);
    expect(await rowsOf(second, locked, 'front', 'back')).toEqual([undefined, { doorId: 'back' }]);
    expect(await tamper(place, 'SELECT name FROM read_tables ORDER BY name')).toEqual([['doors'], ['keys'], ['locked']]);
    expect([first.superseded, second.superseded]).toEqual([['SUPERSEDED'], []]);
  }, 120_000);

  test('the older one does not start again, nor rebuild, unless it is gone back to on purpose; then the newer one does not', async () => {
    const place = newPlace();
    for (const version of [older, newer]) await (await openPlace(version, place, {})).close();
    const refused = expect.objectContaining({ code: 'OLDER_VERSION', hint: expect.stringContaining('varve rebuild --go-back') });
    await expect(openPlace(older, place, {})).rejects.toEqual(refused);
    await expect(rebuildWished(older, place, { tables: [] }, ...told)).rejects.toMatchObject({ code: 'REBUILD_STALE' });
    const serving = await opened(newer, place);
    await serving.send(paintCoats, { doorId: 'front', colour: 'red', coats: 2 }).then(async () => {
      // What the newer version wrote the older one cannot read: it stops before it has replaced anything.
      await expect(rebuildWished(older, place, { tables: [], isReturn: true }, ...told)).rejects.toMatchObject({ code: 'EVENT_UNKNOWN' });
    });
    expect(await rowsOf(serving, newDoors, 'front')).toEqual([{ doorId: 'front', coats: 2 }]);
    expect(await generations(place)).toEqual([[1], [2]]);
  }, 120_000);

  test('gone back to, the older one has its read tables again, and the newer one is the one that was replaced', async () => {
    const place = newPlace();
    const first = await openPlace(older, place, {});
    await first.send(paint, { doorId: 'front', colour: 'red' });
    await first.close();
    const second = await opened(newer, place);
    expect(await rebuildWished(older, place, { tables: [], isReturn: true }, ...told)).toEqual({
      position: 1,
      tables: ['doors', 'colours'],
    });
    await until(() => expect(second.superseded).toEqual(['SUPERSEDED']));
    const back = await opened(older, place);
    expect(await rowsOf(back, oldDoors, 'front')).toEqual([{ doorId: 'front', colour: 'red' }]);
    expect(await rowsOf(back, colours, 'red')).toEqual([{ colour: 'red' }]);
    await expect(openPlace(newer, place, {})).rejects.toMatchObject({ code: 'OLDER_VERSION' });
    expect(await generations(place)).toEqual([[2], [3]]);
    const part = () => rebuildWished(older, place, { tables: ['doors'], isReturn: true }, ...told);
    expect(part).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }));
  }, 120_000);

  test('one that has a read table more is another version, too: without it, nothing is accepted', async () => {
    const place = newPlace();
    const { projections } = newer;
    const fewer = { ...newer, projections: projections.filter(({ table }) => table !== locked) };
    const first = await opened(fewer, place);
    const second = await opened(newer, place);
    await expect(first.send(lock, { doorId: 'front' })).rejects.toMatchObject({ code: 'SUPERSEDED' });
    await second.send(lock, { doorId: 'front' });
    expect(await rowsOf(second, locked, 'front')).toEqual([{ doorId: 'front' }]);
    // The other way about, nothing is to be rebuilt, and it is a version of its own all the same.
    await expect(openPlace(fewer, place, {})).rejects.toMatchObject({ code: 'OLDER_VERSION' });
  }, 120_000);

  test('the newer one waits for those who read for long, and lets others write meanwhile', async () => {
    const place = newPlace();
    const first = await opened(older, place);
    const reading = await first.snapshots.take();
    expect(await reading.row(oldDoors, 'front')).toBeUndefined();
    const opening = opened(newer, place);
    const begun = performance.now();
    // Longer than is tried in one transaction.
    while (performance.now() < begun + 3_000)
      expect(await first.send(paint, { doorId: 'front', colour: 'red' })).toMatchObject({ accepted: true });
    reading.release();
    expect(await rowsOf(await opening, newDoors, 'front')).toEqual([{ doorId: 'front', coats: 1 }]);
  }, 120_000);

  test('before the newer one is started it is told what it would change, of the log as it is', async () => {
    const place = newPlace();
    const serving = await opened(older, place);
    await serving.send(cutKey, { keyId: 'brass' });
    for (const doorId of ['front', 'back']) await serving.send(paint, { doorId, colour: 'red' });
    const states = async (program: Application) => {
      const { ok, tables, rowsToChange } = await checkPlace(program, place);
      return { ok, rowsToChange, tables: Object.fromEntries(tables.map(({ name, state }) => [name, state])) };
    };
    expect(await states(older)).toEqual({ ok: true, rowsToChange: 0, tables: { keys: 'kept', doors: 'kept', colours: 'kept' } });
    // The colour's row goes; of doors other columns are told.
    expect(await states(newer)).toEqual({
      ok: true,
      rowsToChange: 1,
      tables: { keys: 'kept', doors: 'rebuilt', locked: 'new', colours: 'dropped' },
    });
    await tamper(place, `UPDATE keys SET "keyId" = 'steel'`);
    expect(await states(older)).toMatchObject({ ok: false, tables: { keys: 'differs' } });
    expect(serving.superseded).toEqual([]);
  }, 120_000);

  test('while indexes of new tables are made, however long that takes, commands are taken', async () => {
    const place = newPlace();
    const serving = await opened(older, place);
    const log = await openPostgresStore(place.url, { log: place.log });
    onTestFinished(() => log.close());
    const lock = await log.tryLockRebuild();
    if (!lock) throw new Error('Another process rebuilds.');
    const { projections } = older;
    const store = databaseStore(log, { projections });
    const { catalog } = store;
    const own = catalog.indexNext.bind(catalog);
    const sent = new Set<Table>();
    const indexing = vi.spyOn(catalog, 'indexNext').mockImplementation(async (connection, table) => {
      // The step that puts it in its place looks once more.
      if (!sent.has(table)) expect(await serving.send(cutKey, { keyId: table.name })).toMatchObject({ accepted: true });
      sent.add(table);
      await own(connection, table);
    });
    onTestFinished(() => indexing.mockRestore());
    await rebuildTables({ store, lock, codec: codecOf(older), projections, onRebuild: undefined });
    await lock.release();
    expect(sent).toEqual(new Set(projections.map(({ table }) => table)));
    expect(await rowsOf(serving, keys, ...projections.map(({ table }) => table.name))).toHaveLength(projections.length);
    expect(serving.superseded).toEqual([]);
  }, 120_000);

  test('a rebuild whose right to it broke off, unheard, does nothing more', async () => {
    const place = newPlace();
    await opened(older, place);
    const log = await openPostgresStore(place.url, { log: place.log });
    onTestFinished(() => log.close());
    const lock = await log.tryLockRebuild();
    if (!lock) throw new Error('Nobody else has it.');
    const { projections } = older;
    const rebuilding = () =>
      rebuildTables({ store: databaseStore(log, { projections }), lock, codec: codecOf(older), projections, onRebuild: undefined }, true);
    await rebuilding();
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
      AND (classid::bigint << 32 | objid::bigint) = hashtextextended('varve rebuild "${place.log}"', 0)`;
    expect(await tamper(place, kill)).toEqual([[true]]);
    await vi.waitFor(async () => expect((await log.tryLockRebuild())?.release).toBeTypeOf('function'));
    await expect(rebuilding()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('the right to rebuild'),
    });
    expect(await tamper(place, 'SELECT rebuilds::int FROM read_tables')).toEqual([[2], [2], [2]]);
  }, 120_000);
});
