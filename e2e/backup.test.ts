import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { backupLog, openSqliteStore } from '#eventstore';
import { open } from '#shell';
import { shop } from '#shop';
import { client } from './client.ts';
import { asMigratedBy, databaseFile, eventsOf, rebuiltRowsOf, rowsOf, withDatabase } from './data-folder.ts';
import { PlaceOrderDocument, PositionDocument } from './generated/graphql.ts';
import { orderOf, pause, startLoad, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder, varve } from './server-process.ts';
import { fillShop } from './shop-filler.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Puts a backup in the place of a log. */
function restored(backup: string, data: string): string {
  mkdirSync(data);
  copyFileSync(backup, databaseFile(data));
  return data;
}

test('taken while sixteen write, it has all that was acknowledged before it began, and a server goes on from it', async () => {
  using folder = temporaryFolder();
  const [data, file] = [join(folder.path, 'data'), join(folder.path, 'shop.db')];
  await using server = await startServerProcess(data);
  await stockUp(server.url);
  const load = startLoad(server.url, 16);
  await load.reaches(200);
  const before = [...load.accepted];
  const { code, out, err } = await runVarve('backup', file, '--data', data, '--json');
  expect([code, err]).toEqual([0, '']);
  const after = load.accepted.length;
  // Writing went on meanwhile.
  expect(after).toBeGreaterThan(before.length);
  await server.end('SIGTERM');
  await load.ended;

  const copy = restored(file, join(folder.path, 'copy'));
  const events = eventsOf(copy);
  const held = new Set(events.map(({ commandId }) => commandId));
  expect(before.filter((id) => !held.has(id))).toEqual([]);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
  const hash = withDatabase(data, (db) => db.prepare('SELECT lower(hex(hash)) FROM events WHERE position = ?').pluck().get(events.length));
  expect(JSON.parse(out)).toMatchObject({ file, position: events.length, hash, bytes: statSync(file).size, seconds: expect.any(Number) });
  const rows = rowsOf(copy);
  expect(await rebuiltRowsOf(copy)).toEqual(rows);

  await using again = await startServerProcess(copy);
  const api = client(again.url);
  expect(await api.data(PositionDocument, {})).toEqual({ position: String(events.length) });
  const [first = ''] = before;
  expect(await api.data(PlaceOrderDocument, orderOf(first))).toMatchObject({ placeOrder: { __typename: 'OrderAccepted', replayed: true } });
  expect(await api.data(PlaceOrderDocument, orderOf('new'))).toMatchObject({ placeOrder: { position: String(events.length + 1) } });
});

test('is one file that needs no other, says in words what it holds, and replaces none unless told to', async () => {
  using folder = temporaryFolder();
  const [data, file] = [join(folder.path, 'data'), join(folder.path, 'backup', 'shop.db')];
  mkdirSync(join(folder.path, 'backup'));
  await fillShop(data, 10);
  const done = await runVarve('backup', file, '--data', data);
  expect(done).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/position 12, hash [0-9a-f]{64}; \d+ bytes in [\d.]+ s, verified\.\n$/),
  });
  expect(readdirSync(join(folder.path, 'backup'))).toEqual(['shop.db']);
  const bytes = readFileSync(file);
  expect(await runVarve('backup', file, '--data', data)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--force') });
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(await runVarve('backup', file, '--data', data, '--force')).toMatchObject({ code: 0 });
  expect(await runVarve('backup', databaseFile(data), '--data', data, '--force')).toMatchObject({ code: 2 });
  expect(eventsOf(data)).toHaveLength(12);
});

test('of what is no log, or not whole, is refused in words', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'shop.db');
  const nothing = await runVarve('backup', file, '--data', join(folder.path, 'nothing'), '--json');
  expect([nothing.code, nothing.out, JSON.parse(nothing.err)]).toEqual([1, '', expect.objectContaining({ code: 'NO_LOG' })]);
  expect(existsSync(join(folder.path, 'nothing'))).toBe(false);
  expect(await runVarve('backup')).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument 'FILE'") });
  expect(await runVarve('backup', '--help')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/Exit codes: .*\n\nExample:\n {2}varve backup /),
  });
});

test.each([
  ['an event was changed', "UPDATE events SET data = '{}' WHERE position = 3", /position 3/],
  ['a tag is gone', 'DELETE FROM event_tags WHERE position = 3', /position 3/],
  ['a hash is gone', 'UPDATE events SET hash = NULL WHERE position = 3', /position 3/],
])('a log in which %s is copied, found out, and no backup', async (_, sql, message) => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 5);
  withDatabase(folder.path, (db) => db.exec(sql));
  await expect(backupLog(databaseFile(folder.path), join(folder.path, 'copy.db'))).rejects.toMatchObject({
    code: 'BACKUP_BROKEN',
    message: expect.stringMatching(message),
  });
});

test('of a log from before there was a chain is taken before its first start migrates it', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 5);
  asMigratedBy(folder.path, 2);
  const copy = join(folder.path, 'copy.db');
  expect(await backupLog(databaseFile(folder.path), copy)).toMatchObject({ position: 7, hash: null });
  const { code, err } = await runVarve('export', '--data', folder.path);
  expect([code, err]).toEqual([1, expect.stringContaining('LOG_TOO_OLD')]);
  await (await open(shop, folder.path)).close();
  expect(await runVarve('export', '--data', folder.path)).toMatchObject({ code: 0 });
});

/** Kills a process when something is there. */
async function killedWhen(child: ChildProcess, isThere: () => boolean): Promise<void> {
  const ended = once(child, 'exit');
  while (!isThere() && child.exitCode === null) await pause(1);
  child.kill('SIGKILL');
  await ended;
}

test('killed in the middle it leaves no file of its name, and the next one tidies up', async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, 'data');
  const [safe, file] = [join(folder.path, 'safe'), join(folder.path, 'safe', 'shop.db')];
  mkdirSync(safe);
  await fillShop(data, 3_000);
  let left = 0;
  for (const bytes of [0, 1, 2_000_000]) {
    const child = spawn(process.execPath, [varve, 'backup', file, '--data', data], { stdio: 'ignore' });
    const part = `${file}.part-${child.pid}`;
    await killedWhen(child, () => (statSync(part, { throwIfNoEntry: false })?.size ?? -1) >= bytes);
    if (existsSync(part)) left += 1;
    expect(existsSync(file)).toBe(!existsSync(part));
    // A process may be quicker than whoever kills it: then it is whole.
    if (existsSync(file)) expect(eventsOf(restored(file, join(folder.path, `copy-${bytes}`)))).toHaveLength(3_002);
    rmSync(file, { force: true });
  }
  expect(left).toBeGreaterThan(0);
  expect(await runVarve('backup', file, '--data', data)).toMatchObject({ code: 0 });
  expect(readdirSync(safe)).toEqual(['shop.db']);
  expect(eventsOf(restored(file, join(folder.path, 'copy')))).toHaveLength(3_002);
});

test('while it is copied, a log that others write to stands still for it: it ends, and is one moment', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 5);
  withDatabase(folder.path, (db) => db.exec('CREATE TABLE ballast AS SELECT zeroblob(20000000)'));
  const log = openSqliteStore(databaseFile(folder.path));
  const steps: number[] = [];
  const { position } = await log.head();
  const copied = await backupLog(databaseFile(folder.path), join(folder.path, 'copy.db'), {
    onProgress: (step, done) => {
      if (step === 'verify') return;
      steps.push(done);
      // Between any two of its steps another connection writes.
      const other = new Database(databaseFile(folder.path));
      other.exec("UPDATE read_tables SET hash = hash || 'x'");
      other.close();
    },
  });
  expect(copied.position).toBe(position);
  expect(steps.length).toBeGreaterThan(1);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  await log.close();
});
