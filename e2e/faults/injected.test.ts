import { cpSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { addProduct, shop } from '#shop';
import { open } from '#varve';
import { databaseFile } from '../data-folder.ts';
import { AddProductDocument } from '../generated/graphql.ts';
import { run, startServerProcess, temporaryFolder, varve } from '../server-process.ts';
import { shopClient } from '../shop-client.ts';
import { aftermathOf } from './aftermath.ts';
import { nothingTold, withSettings } from './lives.ts';
import { noTrace, trace } from './strace.ts';

// Processes that start beside other work, and are traced, may take their time.
vi.setConfig({ testTimeout: 90_000 });

if (noTrace) console.warn(`Tests of calls that fail are skipped: ${noTrace}.`);

const product = (sku: string) => ({ input: { sku, name: 'Lantern', price: '1.00', stock: 1 }, options: { commandId: `add-${sku}` } });
const skus = ['a', 'b', 'c'];

/** Sends each product again where there is one more before them, and looks at all that is there. */
async function expectEachOnceIn(folder: string): Promise<void> {
  const engine = await open(shop, folder);
  const accepted = new Map<string, number>();
  for (const [input, { commandId }] of skus.map(product).map(({ input, options }) => [input, options] as const)) {
    const outcome = await engine.send(addProduct, input, { commandId });
    if (outcome.accepted) accepted.set(commandId, outcome.position);
  }
  expect([accepted.size, engine.position()]).toEqual([skus.length, 1 + skus.length]);
  await engine.close();
  expect((await aftermathOf(folder, { ...nothingTold(), accepted })).faults).toEqual([]);
}

/** What makes a call fail, at a time, on one file of a data folder. */
const failing = (folder: string, end: string, call: string, fault: string): readonly string[] => [
  ...['-P', `${databaseFile(folder)}${end}`],
  ...['-e', `trace=${call}`],
  ...['-e', `inject=${call}:error=${fault}`],
];

test.skipIf(noTrace).each([
  ['every write fails', 'EIO', 'OUTCOME_UNKNOWN'],
  ['a write in the midst of a commit fails', 'EIO:when=4+', 'OUTCOME_UNKNOWN'],
  ['no write finds room', 'ENOSPC', 'STORAGE_FULL'],
  ['a write in the midst of a commit finds no room', 'ENOSPC:when=4+', 'STORAGE_FULL'],
  ['the file system has become read-only', 'EROFS', 'OUTCOME_UNKNOWN'],
])(
  'where %s, commands are told to come back, reads go on, and sent again at once or after a kill each is there once',
  async (_, fault, code) => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    const api = shopClient(server.url);
    await api.data(AddProductDocument, product('before'));
    const tracing = await trace(server.pid, ...failing(folder.path, '-wal', 'pwrite64', fault));
    for (const sku of skus) {
      const answer = await api.ask(AddProductDocument, product(sku));
      expect(answer.errors?.[0]?.extensions).toMatchObject({ code, retryable: true, hint: expect.any(String) });
    }
    expect([await api.stockOf('before'), await api.stockOf('a'), await api.position()]).toEqual([1, undefined, 1]);
    using left = temporaryFolder();
    cpSync(folder.path, left.path, { recursive: true });
    await expectEachOnceIn(left.path);
    await tracing.end();
    for (const sku of skus)
      expect(await api.data(AddProductDocument, product(sku))).toMatchObject({
        addProduct: { __typename: 'ProductAccepted', replayed: false },
      });
    expect(await server.end('SIGTERM')).toBe(0);
    await expectEachOnceIn(folder.path);
  },
);

test.skipIf(noTrace).each(['pwrite64', 'fsync'])(
  'where the main file fails at %s, commands go on into the write-ahead log, and are there after a kill',
  async (call) => {
    using folder = temporaryFolder();
    const { words, environment } = withSettings({ limits: { checkpointPages: 10 } });
    await using server = await startServerProcess(folder.path, { ...environment, NODE_OPTIONS: words.join(' ') });
    const api = shopClient(server.url);
    const send = async (sku: string) => expect(await api.data(AddProductDocument, product(sku))).toHaveProperty('addProduct.position');
    await send('before');
    const tracing = await trace(server.pid, ...failing(folder.path, '', call, 'EIO'));
    for (const sku of skus) await send(sku);
    for (let i = 0; i < 10; i += 1) await send(`more-${i}`);
    // Else nothing was tried that could fail.
    expect((await tracing.end()).filter((line) => line.includes('(INJECTED)')).length).toBeGreaterThan(0);
    await server.end('SIGKILL');
    const accepted = new Map(skus.map((sku, i) => [`add-${sku}`, i + 2]));
    const { there, faults } = await aftermathOf(folder.path, { ...nothingTold(), accepted });
    expect([there.size, faults]).toEqual([1 + skus.length + 10, []]);
  },
);

test.skipIf(noTrace).each([
  ['pwrite64', ''],
  ['fsync', ''],
  ['fsync', '-wal.new'],
  ['ftruncate', '-shm'],
])('a start at which %s fails on varve.db%s says that the disk does, and the next one has everything', async (call, end) => {
  using folder = temporaryFolder();
  using left = temporaryFolder();
  const engine = await open(shop, folder.path);
  for (const { input, options } of ['before', ...skus].map(product)) await engine.send(addProduct, input, options);
  cpSync(folder.path, left.path, { recursive: true });
  await engine.close();
  const inject = failing(left.path, end, call, 'EIO');
  const serve = [process.execPath, varve, 'serve', '--port', '0', '--data', left.path];
  const { code, out, err } = await run('strace', '-f', '-o', '/dev/null', ...inject, ...serve);
  expect([code, out, err]).toEqual([1, '', expect.stringContaining('(STORAGE_FAILED)')]);
  expect(err).not.toMatch(/^\s+at /m);
  await expectEachOnceIn(left.path);
});
