import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { limits } from '#base';
import { overSse, type Sink } from '../docs/examples/clients/resume.ts';
import { client } from './client.ts';
import { databaseFile, rowsOf, withDatabase } from './data-folder.ts';
import { AddProductDocument } from './generated/graphql.ts';
import { pause } from './load.ts';
import { startProxy } from './proxy.ts';
import { runVarve, startServing, temporaryFolder, varve } from './server-process.ts';
import { fillShop } from './shop-filler.ts';

vi.setConfig({ testTimeout: 120_000 });

const url = process.env['VARVE_TEST_POSTGRES'] ?? '';
const missing = process.env['VARVE_TEST_POSTGRES_MISSING'];

let logs = 0;
const newLog = () => `${process.env['VARVE_TEST_LOGS']}move${process.pid}_${++logs}`;

const tables = ['events', 'event_tags', 'commands'];
/** All that is stored of a log. (Of the changes of rows, see the tests of `move` itself: this process builds tables by other texts than the program's.) */
const logOf = (data: string) =>
  withDatabase(data, (db) => tables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).raw().all()));

/** What one statement says, by the administrator of the tests' database. */
async function psql(text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
  await client.end();
  return rows[0]?.[0];
}

const serving = (...place: readonly string[]) => startServing([varve, 'serve', ...place], { PORT: '0' });

describe.skipIf(url === '')(url === '' ? `varve move (skipped: no PostgreSQL, ${missing})` : 'varve move', () => {
  test('a live stream goes on where it was, on PostgreSQL and back in a folder, and so do the commands', async () => {
    using folder = temporaryFolder();
    await using stack = new AsyncDisposableStack();
    const [here, back, log] = [`${folder.path}/here`, `${folder.path}/back`, newLog()];
    const there = ['--store', url, '--log', log];
    const add = (server: { readonly url: string }, sku: string) =>
      client(server.url).data(AddProductDocument, { input: { sku, name: sku, price: '1', stock: 1 }, options: { commandId: sku } });

    const first = stack.use(await serving('--data', here));
    const proxy = stack.use(await startProxy(first.url));
    const heard: string[] = [];
    const sink: Sink = {
      next: ({ data }) => {
        const message = data?.['productsChanged'] as { readonly kind: string; readonly sku: string } | undefined;
        heard.push(`${message?.kind} ${message?.sku}`);
      },
      error: (fault) => heard.push(String(fault)),
      complete: () => heard.push('complete'),
    };
    const query = `subscription ($after: Position, $afterKey: ID) {
      productsChanged(after: $after, afterKey: $afterKey) { kind position sku }
    }`;
    stack.defer(overSse(proxy.url, () => pause(20)).subscribe({ query, variables: { after: '0' } }, sink));
    const hears = (skus: string) => vi.waitFor(() => expect(heard).toEqual([...skus].map((sku) => `CHANGED ${sku}`)), 15_000);
    await add(first, 'A');
    await hears('A');
    proxy.refuse();
    await add(first, 'B');
    await first.end('SIGTERM');

    expect(await runVarve('move', '--from', here, '--to', url, '--log', log)).toMatchObject({ code: 0, err: '' });
    const second = stack.use(await serving(...there));
    proxy.leadTo(second.url);
    proxy.accept();
    await hears('AB');
    expect(await add(second, 'B')).toMatchObject({ addProduct: { replayed: true, position: '2' } });
    await add(second, 'C');
    await hears('ABC');
    await second.end('SIGTERM');

    expect(await runVarve('move', '--from', url, '--to', back, '--log', log)).toMatchObject({ code: 0, err: '' });
    const third = stack.use(await serving('--data', back));
    proxy.leadTo(third.url);
    await add(third, 'D');
    await hears('ABCD');
  });

  test('killed in the middle it goes on where it was, and no server takes half a log for a whole one', async () => {
    using folder = temporaryFolder();
    const [data, back, log] = [`${folder.path}/data`, `${folder.path}/back`, newLog()];
    await fillShop(data, limits.importBatchLinesMax);
    const [there, here] = [
      ['--store', url, '--log', log],
      ['--data', back],
    ] as const;
    const isHalfThere = () => psql(`SELECT obj_description(to_regclass('${log}.write_lock'), 'pg_class') IS NOT NULL`);
    const isHalfHere = async () =>
      existsSync(databaseFile(back)) && withDatabase(back, (db) => db.pragma('user_version', { simple: true })) === 1;
    for (const [from, to, place, isHalf] of [
      [data, url, there, isHalfThere],
      [url, back, here, isHalfHere],
    ] as const) {
      const words = ['move', '--from', from, '--to', to, '--log', log];
      const child = spawn(process.execPath, [varve, ...words], { stdio: 'ignore' });
      const ended = once(child, 'exit');
      while (child.exitCode === null && !(await isHalf())) await pause(1);
      child.kill('SIGKILL');
      await ended;
      const half = { code: 1, err: expect.stringMatching(/holds a part of a log.*\n.*varve move.*again.*\n\(IMPORT_UNFINISHED\)/) };
      expect(await runVarve('export', ...place)).toMatchObject(half);
      expect(await runVarve('serve', '--port', '0', ...place)).toMatchObject(half);
      expect(await runVarve(...words)).toMatchObject({ code: 0, err: '' });
    }
    for (const [i, table] of tables.entries()) expect(logOf(back)[i], table).toEqual(logOf(data)[i]);
    expect(rowsOf(back)).toEqual(rowsOf(data));
    expect(await runVarve('export', ...there)).toEqual(await runVarve('export', ...here));
  });
});
