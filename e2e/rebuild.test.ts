import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { lockRebuild } from '#eventstore';
import { client, subscribe } from './client.ts';
import { databaseFile, eventsOf, rebuiltRowsOf, rowsOf, withDatabase } from './data-folder.ts';
import { FollowOrderDocument, OrderDocument, PlaceOrderDocument } from './generated/graphql.ts';
import { orderOf, pause, startLoad } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder, varve } from './server-process.ts';
import { fillShop } from './shop-filler.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Makes rows of orders what no event made them, behind everyone's back. */
const damage = (folder: string, ...orderIds: readonly string[]) =>
  withDatabase(folder, (db) => {
    for (const id of orderIds) db.prepare(`UPDATE orders SET total = 7, username = 'Nobody' WHERE "orderId" = ?`).run(id);
  });
const leftOver = (folder: string) =>
  withDatabase(folder, (db) => db.prepare("SELECT name FROM sqlite_schema WHERE name GLOB '*__next'").pluck().all());

test('beside a server that is written to, a table is rebuilt and swapped in: reads, later commands and live streams have its rows', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 1_000);
  await using server = await startServerProcess(folder.path);
  const api = client(server.url);
  const total = async () => (await api.data(OrderDocument, { orderId: 'o-7' })).order?.total;
  await using stream = await subscribe(server.url, FollowOrderDocument, { orderId: 'o-7' });
  expect(await stream.next()).toMatchObject({ orderChanged: { kind: 'SNAPSHOT', order: { username: 'Ada' } } });
  damage(folder.path, 'o-7');
  expect(await total()).toBe('0.0007');

  const load = startLoad(server.url, 8);
  await load.reaches(50);
  const rebuilt = await runVarve('rebuild', 'orders', '--data', folder.path, '--json');
  expect([rebuilt.code, rebuilt.err]).toEqual([0, '']);
  expect(JSON.parse(rebuilt.out)).toMatchObject({ tables: ['orders'], position: expect.any(Number) });
  expect(await total()).toBe('3.39');
  expect([await stream.next(), await stream.next()]).toMatchObject([
    { orderChanged: { kind: 'RESYNC' } },
    { orderChanged: { kind: 'SNAPSHOT', order: { username: 'Ada' } } },
  ]);
  await load.reaches(load.accepted.length + 50);
  expect(await server.end('SIGTERM')).toBe(0);
  await load.ended;
  const stored = new Set(eventsOf(folder.path).map(({ commandId }) => commandId));
  expect(load.accepted.filter((id) => !stored.has(id))).toEqual([]);
  expect(rowsOf(folder.path)).toEqual(await rebuiltRowsOf(folder.path));
});

test('a server that nobody writes to tells who follows a row that it was rebuilt', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 20);
  await using server = await startServerProcess(folder.path);
  await using stream = await subscribe(server.url, FollowOrderDocument, { orderId: 'o-7' });
  expect(await stream.next()).toMatchObject({ orderChanged: { kind: 'SNAPSHOT' } });
  damage(folder.path, 'o-7', 'o-8');
  const rebuild = (...key: readonly string[]) => runVarve('rebuild', 'orders', ...key, '--data', folder.path);
  expect((await rebuild('--key', 'o-7')).out).toContain('orders o-7: mended, up to position 22');
  expect([await stream.next(), await stream.next()]).toMatchObject([
    { orderChanged: { kind: 'RESYNC' } },
    { orderChanged: { kind: 'SNAPSHOT', order: { username: 'Ada' } } },
  ]);
  expect((await rebuild('--key', 'o-7')).out).toContain('orders o-7: as the log gives it');
  const totals = () =>
    Promise.all(['o-7', 'o-8'].map(async (orderId) => (await client(server.url).data(OrderDocument, { orderId })).order?.total));
  expect(await totals()).toEqual(['3.39', '0.0007']);
  expect(await rebuild()).toMatchObject({ code: 0, err: '' });
  expect(await totals()).toEqual(['3.39', '3.39']);
});

test('a rebuild that is killed leaves the old table serving, and the next one begins anew', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 1_000);
  await using server = await startServerProcess(folder.path);
  damage(folder.path, 'o-7');
  const api = client(server.url);
  const child = spawn(process.execPath, [varve, 'rebuild', '--data', folder.path], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  while (leftOver(folder.path).length === 0) await pause(1);
  // It can write no more until it is dead.
  const holder = new Database(databaseFile(folder.path));
  holder.exec('BEGIN IMMEDIATE');
  child.kill('SIGKILL');
  await exited;
  holder.close();
  expect(await api.data(OrderDocument, { orderId: 'o-7' })).toMatchObject({ order: { total: '0.0007' } });
  expect(await api.data(PlaceOrderDocument, orderOf('after'))).toMatchObject({ placeOrder: { __typename: 'OrderAccepted' } });
  expect(await server.end('SIGTERM')).toBe(0);

  await using next = await startServerProcess(folder.path);
  expect(leftOver(folder.path)).toEqual([]);
  expect(await next.end('SIGTERM')).toBe(0);
  // With nobody beside it.
  const rebuilt = await runVarve('rebuild', '--data', folder.path);
  expect(rebuilt).toMatchObject({ code: 0, err: '', out: expect.stringContaining('orders') });
  expect(rowsOf(folder.path)).toEqual(await rebuiltRowsOf(folder.path));
});

test('what cannot be rebuilt says why', async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, 'data');
  const rebuild = async (...words: readonly string[]) => {
    const { code, err } = await runVarve('rebuild', ...words, '--data', data, '--json');
    return [code, (JSON.parse(err) as { code: string }).code];
  };
  expect(await rebuild('orders')).toEqual([1, 'NO_LOG']);
  await fillShop(data, 1);
  // Built by the program itself: the text of projections is another in a test.
  expect(await (await startServerProcess(data)).end('SIGTERM')).toBe(0);
  expect(await rebuild('order')).toEqual([2, 'BAD_CONFIGURATION']);
  expect(await rebuild('--key', '1')).toEqual([2, 'BAD_CONFIGURATION']);
  const lock = lockRebuild(data, 'the test');
  expect(await rebuild('orders')).toEqual([1, 'REBUILD_UNDER_WAY']);
  // A start that has nothing to rebuild does not mind; one that has does.
  await using server = await startServerProcess(data);
  withDatabase(data, (db) => db.exec("UPDATE read_tables SET hash = 'x' WHERE name = 'orders'"));
  lock.release();
  expect(await rebuild('orders')).toEqual([1, 'REBUILD_STALE']);
  expect(await server.end('SIGTERM')).toBe(0);
  const held = lockRebuild(data, 'the test');
  const refused = await runVarve('serve', '--port', '0', '--data', data);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('are being rebuilt by process')]);
  held.release();
});
