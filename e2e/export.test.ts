import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { limits } from '#base';
import { client } from './client.ts';
import { databaseFile, rowsOf, withDatabase } from './data-folder.ts';
import { PlaceOrderDocument } from './generated/graphql.ts';
import { orderOf, pause, startLoad, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder, varve } from './server-process.ts';
import { fillShop } from './shop-filler.ts';

vi.setConfig({ testTimeout: 60_000 });

/** All that is said of events, tags and receipts, as it is stored. */
const logOf = (data: string) =>
  withDatabase(data, (db) =>
    ['events ORDER BY position', 'event_tags ORDER BY tag, position', 'commands ORDER BY command_id'].map((table) =>
      db.prepare(`SELECT * FROM ${table}`).raw().all(),
    ),
  );
const linesOf = (text: string) => text.trimEnd().split('\n');
const endOf = (text: string): unknown => JSON.parse(linesOf(text).at(-1) ?? '');

test('a log that was exported and imported is the same log, with the same read tables, and goes on', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'shop.ndjson.gz'].map((name) => join(folder.path, name)) as [string, string, string];
  await fillShop(data, 1_500);
  const exported = await runVarve('export', file, '--data', data, '--json');
  expect([exported.code, exported.err]).toEqual([0, '']);
  const said = JSON.parse(exported.out) as object;
  expect(said).toMatchObject({ file, events: 1_502, receipts: 1_502, position: 1_502, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });

  const imported = await runVarve('import', file, '--data', copy, '--json');
  expect([imported.code, imported.err]).toEqual([0, '']);
  expect(JSON.parse(imported.out)).toMatchObject({ data: copy, position: 1_502, hash: (said as { hash: string }).hash });
  expect(logOf(copy)).toEqual(logOf(data));
  expect(rowsOf(copy)).toEqual(rowsOf(data));

  const plain = await runVarve('export', '--data', copy);
  expect(plain).toMatchObject({ code: 0, err: '' });
  expect(plain.out).toBe(gunzipSync(readFileSync(file)).toString());

  await using server = await startServerProcess(copy);
  const api = client(server.url);
  expect(await api.data(PlaceOrderDocument, orderOf('o-7'))).toMatchObject({ placeOrder: { replayed: true, position: '9' } });
  expect(await api.data(PlaceOrderDocument, orderOf('new'))).toMatchObject({ placeOrder: { position: '1503' } });
});

test('beside a server that is written to, an export ends where the log was when it began', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'shop.ndjson'].map((name) => join(folder.path, name)) as [string, string, string];
  await using server = await startServerProcess(data);
  await stockUp(server.url);
  const load = startLoad(server.url, 16);
  await load.reaches(200);
  const before = [...load.accepted];
  expect(await runVarve('export', file, '--data', data)).toMatchObject({ code: 0, err: '' });
  await server.end('SIGTERM');
  await load.ended;
  expect(await runVarve('import', file, '--data', copy)).toMatchObject({ code: 0, err: '' });
  const [events = [], , receipts = []] = logOf(copy);
  const all = logOf(data)[0] ?? [];
  expect(events).toEqual(all.slice(0, events.length));
  expect(all.length).toBeGreaterThan(events.length);
  const held = new Set((receipts as [string][]).map(([id]) => id));
  expect(before.filter((id) => !held.has(id))).toEqual([]);
});

test('killed in the middle, an import goes on where it was, and no server takes half a log for a whole one', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'shop.ndjson'].map((name) => join(folder.path, name)) as [string, string, string];
  await fillShop(data, limits.importBatchLinesMax);
  await runVarve('export', file, '--data', data);
  const isHalf = () => existsSync(databaseFile(copy)) && withDatabase(copy, (db) => db.pragma('user_version', { simple: true })) === 1;
  let halves = 0;
  for (const waitMs of [0, 150, 400]) {
    const child = spawn(process.execPath, [varve, 'import', file, '--data', copy], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    while (child.exitCode === null && !existsSync(databaseFile(copy))) await pause(1);
    await pause(waitMs);
    child.kill('SIGKILL');
    await ended;
    if (!isHalf()) break;
    halves += 1;
    const served = await runVarve('serve', '--port', '0', '--data', copy);
    expect(served).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/holds a part of a log.*\n.*again.*\n\(IMPORT_UNFINISHED\)/),
    });
    expect(await runVarve('backup', join(folder.path, 'half.db'), '--data', copy)).toMatchObject({ code: 1, out: '' });
  }
  expect(halves).toBeGreaterThan(0);
  const last = await runVarve('import', file, '--data', copy);
  // The last of those that were to be killed may have been quicker.
  if (last.code !== 0) expect(last.err).toContain('IMPORT_NOT_EMPTY');
  expect(logOf(copy)).toEqual(logOf(data));
  expect(rowsOf(copy)).toEqual(rowsOf(data));
});

test('whoever reads only the beginning gets it, and nobody complains', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 2_000);
  const script = `"${process.execPath}" "${varve}" export --data "${folder.path}" | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  const [first = '', code] = linesOf(stdout);
  expect([JSON.parse(first), code, stderr]).toEqual([expect.objectContaining({ position: 1, previous: null }), '0', '']);
});

test('a reader that takes its time is waited for, and the server is not', async () => {
  using folder = temporaryFolder();
  await fillShop(folder.path, 2_000);
  const child = spawn(process.execPath, [varve, 'export', '--data', folder.path], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'readable');
  // It stands at a full pipe: no read transaction of it keeps the write-ahead log from being emptied.
  await pause(300);
  withDatabase(folder.path, (db) => {
    db.exec("UPDATE read_tables SET hash = hash || 'x'");
    expect(db.pragma('wal_checkpoint(TRUNCATE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
  });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
  expect(endOf(text)).toMatchObject({ end: { events: 2_002 } });
});

test('a part of the log says where it begins, and is not imported as a whole', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'part.ndjson'].map((name) => join(folder.path, name)) as [string, string, string];
  await fillShop(data, 5);
  const part = await runVarve('export', '--data', data, '--from', '6');
  expect(
    linesOf(part.out)
      .slice(0, 1)
      .map((line) => (JSON.parse(line) as { position: number }).position),
  ).toEqual([6]);
  expect(endOf(part.out)).toMatchObject({ end: { events: 2, receipts: 2, position: 7 } });
  writeFileSync(file, part.out);
  const { code, err } = await runVarve('import', file, '--data', copy, '--json');
  expect([code, JSON.parse(err)]).toEqual([
    1,
    expect.objectContaining({ code: 'IMPORT_BROKEN', message: expect.stringContaining('Line 1 ') }),
  ]);
  expect(await runVarve('export', '--data', data, '--from', '0')).toMatchObject({ code: 2, out: '' });
  expect(await runVarve('export', '--data', data, '--from', '9')).toMatchObject({
    code: 1,
    err: expect.stringContaining('POSITION_AHEAD'),
  });
});

test('an import by standard input, broken by a cut file, goes on with the whole one', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'shop.ndjson'].map((name) => join(folder.path, name)) as [string, string, string];
  await fillShop(data, 20);
  const { out } = await runVarve('export', '--data', data);
  writeFileSync(file, gzipSync(out).subarray(0, -20));
  const cut = await runVarve('import', file, '--data', copy);
  expect(cut).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/gzip.*\n.*\n\(IMPORT_BROKEN\)/) });
  const script = `"${process.execPath}" "${varve}" export --data "${data}" --gzip | "${process.execPath}" "${varve}" import - --data "${copy}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, expect.stringContaining('position 22, hash'), '']);
  expect(logOf(copy)).toEqual(logOf(data));
});

test('an import where a server has started, but nobody has written, builds the read tables', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'shop.ndjson'].map((name) => join(folder.path, name)) as [string, string, string];
  await fillShop(data, 20);
  await runVarve('export', file, '--data', data);
  await using server = await startServerProcess(copy);
  expect(await runVarve('import', file, '--data', copy)).toMatchObject({ code: 1, err: expect.stringContaining('DATA_FOLDER_IN_USE') });
  await server.end('SIGTERM');
  expect(await runVarve('import', file, '--data', copy)).toMatchObject({ code: 0 });
  expect(rowsOf(copy)).toEqual(rowsOf(data));
  expect(await runVarve('import', file, '--data', copy)).toMatchObject({ code: 1, err: expect.stringContaining('IMPORT_NOT_EMPTY') });
});

test('wrong use is told from what is wrong with the data, and helped with an example', async () => {
  expect(await runVarve('import', 'not-there')).toMatchObject({ code: 2, err: expect.stringContaining('CANNOT_READ_FILE') });
  for (const command of ['export', 'import'])
    expect(await runVarve(command, '--help')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Exit codes: .*\n\nExample:\n {2}varve /),
    });
});
