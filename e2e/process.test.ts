import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { configure, open, serve } from '#shell';
import { shop } from '#shop';
import { client } from './client.ts';
import { eventsOf, rebuiltRowsOf, rowsOf, withDatabase } from './data-folder.ts';
import { OrderDocument, OrdersDocument, PlaceOrderDocument, ProductDocument, UserDocument } from './generated/graphql.ts';
import { orderOf, pause, startLoad, stockUp } from './load.ts';
import { run, runVarve, startByNpm, startServerProcess, temporaryFolder, varve } from './server-process.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

const contiguous = (events: readonly { readonly position: number }[]) => events.every(({ position }, i) => position === i + 1);

describe('a server', () => {
  test('makes its folder, says where in one line, is healthy, holds its folder alone and ends when it is told to', async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, 'not', 'there', 'yet');
    await using server = await startServerProcess(data);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    const health = await fetch(server.healthUrl);
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', position: '0', store: 'sqlite', walBytes: expect.any(Number) },
    ]);
    await stockUp(server.url);
    expect(await (await fetch(server.healthUrl)).json()).toMatchObject({ position: '2' });

    const second = await runVarve('serve', '--port', '0', '--data', data);
    expect([second.code, second.out]).toEqual([1, '']);
    expect(second.err).toContain(`is in use by process ${server.pid} (shop)`);
    expect(second.err).not.toMatch(/^\s+at /m);
    expect((await fetch(server.healthUrl)).status).toBe(200);

    expect(await server.end('SIGINT')).toBe(0);
    expect(server.out()).toMatch(/^[^\n]* http:\/\/127\.0\.0\.1:\d+\/graphql [^\n]*\n$/);
    expect(server.out()).toContain(data);
    expect(readdirSync(data).sort()).toEqual(['lock', 'rebuild.lock', 'varve.db']);
  });

  test('started by npm ends when npm is told to, and is no orphan', async () => {
    using folder = temporaryFolder();
    await using server = await startByNpm(folder.path);
    expect((await fetch(server.healthUrl)).status).toBe(200);
    expect(await server.end('SIGTERM')).toBe(0);
    await expect(fetch(server.healthUrl)).rejects.toThrow();
    expect(readdirSync(folder.path).sort()).toEqual(['lock', 'rebuild.lock', 'varve.db']);
  });

  test('told to stop while it starts leaves nothing behind', async () => {
    using folder = temporaryFolder();
    const ended = runVarve('serve', '--port', '0', '--data', folder.path);
    // It has its lock a good while before it serves.
    const holder = join(folder.path, 'holder.json');
    while (!existsSync(holder) || !readFileSync(holder, 'utf8').endsWith('\n')) await pause(2);
    process.kill(JSON.parse(readFileSync(holder, 'utf8')).pid, 'SIGTERM');
    expect((await ended).code).toBe(0);
    expect(readdirSync(folder.path).sort()).toEqual(['lock', 'rebuild.lock', 'varve.db']);
  });

  test('told to stop in the middle of work finishes what is under way, refuses the rest, and has it all when it starts again', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    await stockUp(server.url);
    const { accepted, refused, unanswered, reaches, ended } = startLoad(server.url);
    await reaches(100);
    expect(await server.end('SIGTERM')).toBe(0);
    await ended;
    expect(accepted.length).toBeGreaterThanOrEqual(100);
    for (const code of refused.values()) expect(code).toBe('SHUTTING_DOWN');
    expect(existsSync(join(folder.path, 'varve.db-wal'))).toBe(false);

    const events = eventsOf(folder.path);
    const stored = new Set(events.map(({ commandId }) => commandId));
    expect(contiguous(events)).toBe(true);
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
    expect([...refused.keys()].filter((id) => stored.has(id))).toEqual([]);
    // Nothing was written whose sender was told nothing: every request that the server had taken was answered.
    expect(unanswered.filter((id) => stored.has(id))).toEqual([]);

    await using again = await startServerProcess(folder.path);
    const api = client(again.url);
    expect(await api.position()).toBe(events.length);
    const { product } = await api.data(ProductDocument, { sku: 'lantern' });
    expect(product).toMatchObject({ stock: 1_000_000 - accepted.length, unitsSold: accepted.length });
    const [first = ''] = accepted;
    const replay = await api.data(PlaceOrderDocument, orderOf(first));
    const position = String(events.find(({ commandId }) => commandId === first)?.position);
    expect(replay.placeOrder).toMatchObject({ __typename: 'OrderAccepted', replayed: true, position });
    const [late = ''] = refused.keys();
    if (late !== '') expect((await api.data(PlaceOrderDocument, orderOf(late))).placeOrder).toMatchObject({ replayed: false });
    expect(await again.end('SIGTERM')).toBe(0);
    expect(rowsOf(folder.path)).toEqual(await rebuiltRowsOf(folder.path));
  });

  test('killed in the middle of work has lost nothing that it acknowledged', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    await stockUp(server.url);
    const { accepted, refused, reaches, ended } = startLoad(server.url);
    await reaches(100);
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
    await ended;
    expect([accepted.length >= 100, refused.size]).toEqual([true, 0]);

    await using again = await startServerProcess(folder.path);
    const api = client(again.url);
    const position = await api.position();
    const { orders } = await api.data(OrdersDocument, { first: 1 });
    expect(orders.totalCount).toBe(position - 2);
    expect((await api.data(PlaceOrderDocument, orderOf('after-the-crash'))).placeOrder.__typename).toBe('OrderAccepted');
    expect(await again.end('SIGTERM')).toBe(0);
    const events = eventsOf(folder.path);
    const stored = new Set(events.map(({ commandId }) => commandId));
    expect(contiguous(events)).toBe(true);
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
    expect(rowsOf(folder.path)).toEqual(await rebuiltRowsOf(folder.path));
  });

  test('rebuilds read tables whose definition or projection changed before it serves', async () => {
    using folder = temporaryFolder();
    const configuration = configure({ port: '0', data: folder.path }, {});
    const lines: string[] = [];
    const logger = pino(new Writable({ write: (line, _, done) => done(void lines.push(String(line))) }));
    const first = await serve(shop, configuration, logger);
    await stockUp(first.url);
    await client(first.url).data(PlaceOrderDocument, orderOf('536365'));
    await first.stop();
    const before = rowsOf(folder.path);
    const hashes = () => withDatabase(folder.path, (db) => db.prepare('SELECT name, hash FROM read_tables ORDER BY name').all());
    const hashesBefore = hashes();
    withDatabase(folder.path, (db) =>
      db.exec(`
        UPDATE read_tables SET hash = 'x' WHERE name IN ('products', 'orders');
        UPDATE products SET stock = -5;
        DELETE FROM orders;
        CREATE TABLE forgotten (id TEXT PRIMARY KEY);
        INSERT INTO read_tables (name, hash, position) VALUES ('forgotten', 'x', 1);`),
    );
    lines.length = 0;
    const again = await serve(shop, configuration, logger);
    const api = client(again.url);
    expect((await api.data(ProductDocument, { sku: 'lantern' })).product).toMatchObject({ stock: 999_999, unitsSold: 1 });
    expect((await api.data(OrderDocument, { orderId: '536365' })).order).toMatchObject({ total: '3.39', username: 'Ada' });
    expect((await api.data(UserDocument, { userId: 'ada' })).user).toMatchObject({ orderCount: 1 });
    await again.stop();
    expect(lines.filter((line) => line.includes('rebuilt'))).toEqual([
      expect.stringContaining('"tables":["products","orders"],"events":3,"msg":"read tables rebuilt"'),
    ]);
    expect([rowsOf(folder.path), hashes()]).toEqual([before, hashesBefore]);
    expect(withDatabase(folder.path, (db) => db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'forgotten'").get())).toBeUndefined();
  });
});

describe('a start that cannot succeed says why', () => {
  const refused = async (exit: number, args: readonly string[], ...words: readonly string[]) => {
    const { code, out, err } = await runVarve('serve', ...args);
    expect([code, out]).toEqual([exit, '']);
    for (const word of words) expect(err).toContain(word);
    expect(err).not.toMatch(/^\s+at /m);
  };

  test.concurrent('a flag that makes no sense', () =>
    refused(2, ['--port', 'x'], 'The port "x" is no number from 0 to 65535', 'BAD_CONFIGURATION'));

  test.concurrent('a data folder that is a file', async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, 'letter');
    writeFileSync(data, 'to my aunt');
    await refused(1, ['--port', '0', '--data', data], data, 'DATA_FOLDER_NOT_WRITABLE', 'give another folder with --data');
    expect(readFileSync(data, 'utf8')).toBe('to my aunt');
  });

  // The rest without a process each.
  test.each([
    [{ port: '70000' }, 'The port "70000" is no number from 0 to 65535.'],
    [{ data: ' ' }, 'The data folder has no name.'],
    [{ receiptsDays: '0' }, `The receipts' days "0" are no number from 1 to 99999.`],
    [{ origin: ['shop'] }, '"shop" is no origin.'],
  ])('%j', (flags, message) => {
    expect(() => configure(flags, {})).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION', message }));
  });

  test('a port that is taken; the folder is free again', async () => {
    using folder = temporaryFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const configuration = configure({ port, data: folder.path }, {});
    const message = `The server cannot listen on 127.0.0.1:${port}: the port is taken.`;
    await expect(serve(shop, configuration, pino({ level: 'silent' }))).rejects.toMatchObject({ code: 'CANNOT_LISTEN', message });
    taken.close();
    expect(readdirSync(folder.path).sort()).toEqual(['lock', 'rebuild.lock', 'varve.db']);
    await (await open(shop, folder.path)).close();
  });
});

/** A Node on the PATH that is older than what the program runs on. */
function oldNode(): string | undefined {
  const nodes = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return nodes.filter(existsSync).find((node) => {
    const [major = 0, minor = 0] = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.').map(Number);
    return major < 22 || (major === 22 && minor < 18);
  });
}

const old = oldNode();
if (!old) console.warn('There is no Node before 22.18 on the PATH: the test of what it is told is skipped.');

test.skipIf(!old)('an old Node is told in a sentence what it needs', async () => {
  const { code, out, err } = await run(old ?? '', varve, 'serve');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^varve: Node \d+\.\d+\.\d+ is too old or not supported: .*\nStart it with `npm run varve -- COMMAND`/);
});
