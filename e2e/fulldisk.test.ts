import { cpSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { open } from '#shell';
import { shop } from '#shop';
import { codeOf } from './client.ts';
import { eventsOf, rebuiltRowsOf, rowsOf, writeLittleHistory } from './data-folder.ts';
import { OrderDocument, OrdersDocument, PlaceOrderDocument } from './generated/graphql.ts';
import { orderOf, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';
import { smallDisk, whyNoSmallDisk } from './small-disk.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

const noDisk = whyNoSmallDisk();
if (noDisk) console.warn(`Tests of a full disk are skipped: ${noDisk}.`);

/** What a client hears of a full disk: not where it is. */
const diskIsFull = {
  message: 'The disk is full.',
  extensions: { code: 'STORAGE_FULL', retryable: true, hint: expect.any(String), correlationId: expect.any(String) },
};

/** What its operator hears, once for each command that was refused. */
function expectLoggedFaults(log: string, count: number): void {
  const lines = log.split('\n').filter((line) => line.includes('"level":50'));
  expect(lines).toHaveLength(count);
  for (const line of lines) expect(line).toMatch(/varve\.db: database or disk is full.*"code":"STORAGE_FULL"/);
}

test.skipIf(noDisk)('start on a full disk says so, and what helps', async () => {
  using disk = smallDisk(1);
  try {
    writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(2 * 1024 * 1024));
  } catch {
    // As full as it gets.
  }
  const data = join(disk.path, 'data');
  const { code, err } = await runVarve('serve', '--port', '0', '--data', data);
  expect([code, err]).toEqual([1, expect.stringMatching(/is full.*\nMake room on the disk.*\n\(STORAGE_FULL\)\n$/)]);
});

test.skipIf(noDisk).each(['a new log', 'a log that is there'])(
  'start of %s says that the disk is full, wherever in it the room ends',
  async (which) => {
    using history = temporaryFolder();
    await writeLittleHistory(history.path);
    const outcomes: unknown[] = [];
    for (let roomKiB = 0; outcomes.at(-1) !== 'opened'; roomKiB += 16) {
      using disk = smallDisk(2);
      const data = join(disk.path, 'data');
      if (which !== 'a new log') cpSync(history.path, data, { recursive: true });
      const { bavail, bsize } = statfsSync(disk.path);
      writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - roomKiB * 1024)));
      const opening = open(shop, data).then((engine) => engine.close());
      const outcome: unknown = await opening.then(
        () => 'opened',
        (fault: unknown) => fault,
      );
      if (outcome !== 'opened')
        expect(outcome).toMatchObject({
          code: 'STORAGE_FULL',
          message: expect.stringContaining(data),
          hint: expect.stringContaining('start again'),
        });
      outcomes.push(outcome);
    }
    expect(outcomes.length).toBeGreaterThan(1);
  },
);

test.skipIf(noDisk)('a full disk refuses commands, not reads, and takes commands again when there is room', async () => {
  using disk = smallDisk(8);
  const [data, ballast] = [join(disk.path, 'data'), join(disk.path, 'ballast')];
  writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024));
  await using server = await startServerProcess(data);
  const api = shopClient(server.url);
  await stockUp(server.url);
  const send = async (id: string) => {
    const { input, options } = orderOf(id);
    const lines = Array.from({ length: 1_000 }, () => ({ sku: 'lantern', quantity: 1 }));
    const answer = await api.ask(PlaceOrderDocument, { input: { ...input, lines }, options });
    const accepted = answer.data?.placeOrder.__typename === 'OrderAccepted';
    if (!accepted) expect(answer.errors?.[0]).toMatchObject(diskIsFull);
    return { id, accepted };
  };
  const sent: { id: string; accepted: boolean }[] = [];
  while (sent.every(({ accepted }) => accepted) && sent.length < 200)
    sent.push(...(await Promise.all(Array.from({ length: 4 }, (_, i) => send(`${sent.length + i}`)))));
  const acceptedIds = sent.filter(({ accepted }) => accepted).map(({ id }) => id);
  const refusedIds = sent.filter(({ accepted }) => !accepted).map(({ id }) => id);
  expect([acceptedIds.length, refusedIds.length].every((count) => count > 0)).toBe(true);

  expect(await api.position()).toBe(2 + acceptedIds.length);
  expect((await fetch(server.healthUrl)).status).toBe(200);
  expect(await api.stockOf('lantern')).toBe(1_000_000 - 1_000 * acceptedIds.length);
  expect((await api.data(OrdersDocument, { first: 1 })).orders.totalCount).toBe(acceptedIds.length);
  for (const orderId of refusedIds) expect((await api.data(OrderDocument, { orderId })).order).toBeNull();

  expectLoggedFaults(server.log(), refusedIds.length);
  rmSync(ballast);
  for (const { id } of sent) expect(await send(id)).toMatchObject({ accepted: true });
  expect(await api.stockOf('lantern')).toBe(1_000_000 - 1_000 * sent.length);
  expect(await api.position()).toBe(2 + sent.length);
  expect(codeOf(await api.ask(OrdersDocument, { first: 1 }))).toBeUndefined();
  expect(await server.end('SIGTERM')).toBe(0);

  using copy = temporaryFolder();
  cpSync(data, copy.path, { recursive: true });
  const events = eventsOf(copy.path);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
  expect(
    events
      .slice(2)
      .map(({ commandId }) => commandId)
      .sort(),
  ).toEqual(sent.map(({ id }) => id).sort());
  expect(rowsOf(copy.path)).toEqual(await rebuiltRowsOf(copy.path));
});
