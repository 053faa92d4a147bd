import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { limits } from '#base';
import { codeOf } from '../client.ts';
import { AddProductDocument, PlaceOrderDocument } from '../generated/graphql.ts';
import { orderOf, pause, stockUp } from '../load.ts';
import { startServerProcess } from '../server-process.ts';
import { shopClient } from '../shop-client.ts';
import { aftermathOf } from './aftermath.ts';
import { nothingTold, withSettings } from './lives.ts';
import { loopDisk, whyNoFailingDisk } from './loopdisk.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

const noDisk = whyNoFailingDisk();
if (noDisk) console.warn(`Tests of a disk that fails are skipped: ${noDisk}.`);

const product = (sku: string) => ({
  input: { sku, name: 'Lantern', price: '1.00', stock: 1 },
  options: { commandId: `add-${sku}` },
});

const ids = ['1', '2', '3', '4', '5', '6'];

function orderOfLines(id: string, count: number) {
  const { input, options } = orderOf(id);
  return { input: { ...input, lines: Array.from({ length: count }, () => ({ sku: 'lantern', quantity: 1 })) }, options };
}
/** One that needs room. */
const largeOrder = (id: string) => orderOfLines(id, 1_000);

test.skipIf(noDisk)('a disk that has become read-only answers reads, tells commands to come back, and has lost nothing', async () => {
  using disk = loopDisk(32);
  const data = join(disk.path, 'data');
  await using server = await startServerProcess(data);
  const api = shopClient(server.url);
  for (const sku of ['a', 'b']) await api.data(AddProductDocument, product(sku));
  disk.makeReadOnly();
  const answer = await api.ask(AddProductDocument, product('c'));
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
  expect([await api.stockOf('a'), await api.stockOf('c'), await api.position()]).toEqual([1, undefined, 2]);
  await server.end('SIGKILL');
  disk.restorePower();

  await using again = await startServerProcess(data);
  for (const sku of ['a', 'b', 'c']) await shopClient(again.url).data(AddProductDocument, product(sku));
  expect(await shopClient(again.url).position()).toBe(3);
  await again.end('SIGKILL');
});

test.skipIf(noDisk).each(['at once', 'after a kill'])(
  'a command whose sync failed on a disk that fails, sent again %s, is there once and stays there when the power is cut',
  async (when) => {
    using disk = loopDisk(32);
    const data = join(disk.path, 'data');
    await using first = await startServerProcess(data);
    await stockUp(first.url);
    const { mend } = disk.failAtNewBlocks();
    const codes: unknown[] = [];
    for (const id of ids) codes.push(codeOf(await shopClient(first.url).ask(PlaceOrderDocument, largeOrder(id))));
    // The first may find room that the system has set aside for the file.
    expect(codes.slice(2)).toEqual(ids.slice(2).map(() => 'OUTCOME_UNKNOWN'));
    if (when === 'after a kill') await first.end('SIGKILL');
    mend();
    await using second = when === 'after a kill' ? await startServerProcess(data) : first;
    const accepted = new Map<string, number>();
    for (const id of ids) {
      const { placeOrder } = await shopClient(second.url).data(PlaceOrderDocument, largeOrder(id));
      if (placeOrder.__typename === 'OrderAccepted') accepted.set(id, Number(placeOrder.position));
    }
    expect(accepted.size).toBe(ids.length);
    disk.cutPower();
    await second.end('SIGKILL');
    disk.restorePower();
    expect((await aftermathOf(data, { ...nothingTold(), accepted })).faults).toEqual([]);
    await using third = await startServerProcess(data);
    expect(await shopClient(third.url).position()).toBe(2 + ids.length);
    await third.end('SIGKILL');
  },
);

test.skipIf(noDisk)(
  'pages that could not be moved to a main file that grew are there when the disk is well again and the power is cut',
  async () => {
    using disk = loopDisk(32);
    const data = join(disk.path, 'data');
    // A few commits fill the write-ahead log, which then is written over and over at the same place: so the main file is what grows.
    const { words, environment } = withSettings({ limits: { checkpointPages: 60 } });
    await using server = await startServerProcess(data, { ...environment, NODE_OPTIONS: words.join(' ') });
    await stockUp(server.url);
    const accepted = new Map<string, number>();
    const send = async (id: string): Promise<boolean> => {
      const { data: answer } = await shopClient(server.url).ask(PlaceOrderDocument, orderOfLines(id, 100));
      if (answer?.placeOrder.__typename === 'OrderAccepted') accepted.set(id, Number(answer.placeOrder.position));
      return accepted.has(id);
    };
    for (let i = 0; i < 40; i += 1) await send(`well-${i}`);
    const { mend } = disk.failAtNewBlocks();
    // The main file first, and when nothing goes there any more the write-ahead log.
    for (let i = 0; i < 300 && (await send(`ill-${i}`)); i += 1);
    mend();
    // After one that failed, the next checkpoint waits.
    await pause(limits.walCutPauseMs);
    for (let i = 0; i < 60; i += 1) expect(await send(`mended-${i}`)).toBe(true);
    disk.cutPower();
    await server.end('SIGKILL');
    disk.restorePower();
    expect((await aftermathOf(data, { ...nothingTold(), accepted })).faults).toEqual([]);
  },
);
