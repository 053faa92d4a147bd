import { expect, test } from 'vitest';
import { type FakeShop, fakeShop, refusal } from './fake-shop.ts';
import { importLimits } from './limits.ts';
import { commandsOf } from './operations.ts';
import { planImport } from './plan.ts';
import { isComplete } from './report.ts';
import { sendAll } from './send.ts';
import { Tally } from './tally.ts';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const row = (invoice: string, sku: string, quantity = 1) => `${invoice},${sku},NAME,${quantity},2010-12-01 08:26:00,2.55,17850.0,UK`;
const text = [header, row('1', 'A'), row('2', 'A'), row('C3', 'A', -1), row('4', 'B'), row('C3', 'A', -1)].join('\n');
const planned = 2 + 1 + 3 + 2;

async function importInto(
  { url }: Pick<FakeShop, 'url'>,
  { file = text, concurrency = 4, stop = new AbortController().signal, onSent = () => {} } = {},
) {
  const plan = planImport(file);
  const tally = new Tally(plan);
  await sendAll(commandsOf(plan), {
    url,
    concurrency,
    backoffMs: 1,
    stop,
    onRetry: () => tally.retried(),
    onOutcome: (command, outcome) => {
      tally.count(command, outcome);
      onSent();
    },
  });
  return tally.summary('orders.csv', url.href, 1);
}

test('sends products and users, then orders and restocks in the file’s order', async () => {
  await using shop = await fakeShop();
  const summary = await importInto(shop, { concurrency: 1 });
  expect(summary).toMatchObject({
    sent: planned,
    accepted: planned,
    replayed: 0,
    existing: 0,
    refused: {},
    failed: {},
    notSent: 0,
    retries: 0,
    sentPerSecond: planned,
  });
  expect([...shop.receipts.keys()].map((id) => id.replace(/[0-9a-f]{32}/, '#'))).toEqual([
    'import-product-A/#',
    'import-product-B/#',
    'import-user-customer-17850/#',
    'import-order-1',
    'import-order-2',
    'import-restock-C3/A/1',
    'import-order-4',
    'import-restock-C3/A/2',
  ]);
  expect([...shop.receipts.values()].slice(0, 4)).toEqual([
    { sku: 'A', name: 'NAME', price: '2.55', stock: 2 },
    { sku: 'B', name: 'NAME', price: '2.55', stock: 1 },
    { userId: 'customer-17850', username: 'customer-17850', country: 'UK' },
    { orderId: '1', userId: 'customer-17850', placedAt: '2010-12-01T08:26:00.000Z', lines: [{ sku: 'A', quantity: 1, unitPrice: '2.55' }] },
  ]);
});

test('sent again, everything is replayed', async () => {
  await using shop = await fakeShop();
  await importInto(shop);
  const summary = await importInto(shop);
  expect(summary).toMatchObject({ sent: planned, accepted: planned, replayed: planned });
  expect(isComplete(summary)).toBe(true);
  expect(shop.receipts.size).toBe(planned);
});

test('interrupted and run again, it completes', async () => {
  await using shop = await fakeShop();
  const controller = new AbortController();
  const summary = await importInto(shop, {
    concurrency: 1,
    stop: controller.signal,
    onSent: () => shop.receipts.size === 5 && controller.abort(),
  });
  expect(summary).toMatchObject({ sent: 5, accepted: 5, notSent: planned - 5 });
  expect(isComplete(summary)).toBe(false);
  expect(await importInto(shop)).toMatchObject({ accepted: planned, replayed: 5, notSent: 0 });
});

test('tries again what fails for a passing reason: cut connections, 5xx, 429, retryable errors', async () => {
  const busy = { errors: [{ message: 'Come back.', extensions: { code: 'QUEUE_FULL', retryable: true } }] };
  const tricks = [
    'CUT',
    { status: 503, body: 'no JSON answer' },
    { status: 429, body: {} },
    { body: busy },
    { status: 500, body: busy },
  ] as const;
  await using shop = await fakeShop((id, count) => (id === 'import-order-2' ? tricks[count - 1] : undefined));
  expect(await importInto(shop)).toMatchObject({ accepted: planned, retries: tricks.length, failed: {} });
});

test('an answer lost on the way back is asked for again, and nothing happens twice', async () => {
  const taken = new Set<string>();
  await using shop = await fakeShop((id, count) => {
    if (count === 1 && id === 'import-order-1') taken.add(id);
    return count === 1 && taken.has(id) ? 'CUT' : undefined;
  });
  expect(await importInto(shop)).toMatchObject({ accepted: planned, retries: 1 });
  expect(shop.receipts.size).toBe(planned);
});

test('a command that keeps failing is given up; the others go on', async () => {
  const body = { errors: [{ message: 'Masked.', extensions: { code: 'INTERNAL' } }], data: null };
  let tries = 0;
  await using shop = await fakeShop((id) => {
    if (id === 'import-order-2') return { body };
    if (id !== 'import-order-1') return undefined;
    tries += 1;
    return { status: 500, body };
  });
  const summary = await importInto(shop, { concurrency: 1 });
  expect(summary).toMatchObject({ sent: planned, accepted: planned - 2, notSent: 0, retries: importLimits.attemptsMax - 1 });
  expect(summary.failed).toEqual({ INTERNAL: { count: 2, commandIds: ['import-order-1', 'import-order-2'], message: 'Masked.' } });
  expect(tries).toBe(importLimits.attemptsMax);
  expect(isComplete(summary)).toBe(false);
});

test('a server that is lost ends the sending', async () => {
  await using shop = await fakeShop((id) => (id === 'import-order-2' ? 'CUT' : undefined));
  const summary = await importInto(shop, { concurrency: 1 });
  expect(summary).toMatchObject({
    sent: 5,
    accepted: 4,
    notSent: planned - 5,
    failed: { UNREACHABLE: { count: 1, commandIds: ['import-order-2'] } },
  });
});

test('answers that are none of the schema’s fail, and are not tried again', async () => {
  const tricks: Record<string, { status?: number; body: unknown }> = {
    'import-order-1': { body: { data: { result: { __typename: 'Accepted' } } } },
    'import-order-2': { status: 404, body: 'Not here.' },
    'import-order-4': { status: 400, body: { errors: [{ message: 'Unknown field.' }] } },
  };
  await using shop = await fakeShop((id) => tricks[id]);
  const { failed, retries } = await importInto(shop);
  expect(
    Object.entries(failed)
      .map(([code, { count }]) => [code, count])
      .sort(),
  ).toEqual([
    ['BAD_ANSWER', 1],
    ['GRAPHQL_ERROR', 1],
    ['HTTP_404', 1],
  ]);
  expect(retries).toBe(0);
});

test('refusals are counted by code, with the first ids', async () => {
  const orders = Array.from({ length: 8 }, (_, index) => row(`${index}`, 'A'));
  await using shop = await fakeShop((id) => (id.startsWith('import-order') ? { body: refusal('OutOfStock', 'OUT_OF_STOCK') } : undefined));
  const summary = await importInto(shop, { file: [header, ...orders].join('\n'), concurrency: 1 });
  const commandIds = [0, 1, 2, 3, 4].map((invoice) => `import-order-${invoice}`);
  expect(summary).toMatchObject({ sent: 10, accepted: 2, refused: { OUT_OF_STOCK: { count: 8, commandIds, message: 'OutOfStock!' } } });
  expect(summary.refused['OUT_OF_STOCK']?.commandIds).toHaveLength(importLimits.idsShownMax);
  expect(isComplete(summary)).toBe(false);
});

test('a product that another file brought gets this file’s need on top, once; a user that is there is fine', async () => {
  await using shop = await fakeShop((id) => {
    if (id.startsWith('import-product')) return { body: refusal('ProductExists', 'PRODUCT_EXISTS') };
    return id.startsWith('import-user') ? { body: refusal('UsernameTaken', 'USERNAME_TAKEN') } : undefined;
  });
  const first = await importInto(shop);
  expect(first).toMatchObject({ sent: planned + 2, accepted: planned - 1, existing: 3, refused: {}, notSent: 0 });
  expect(isComplete(first)).toBe(true);
  const stocks = [...shop.receipts].filter(([id]) => id.startsWith('import-stock-')).map(([, input]) => input);
  expect(stocks.sort((a, b) => String(a['sku']).localeCompare(String(b['sku'])))).toEqual([
    { sku: 'A', quantity: 2 },
    { sku: 'B', quantity: 1 },
  ]);
  expect(await importInto(shop)).toMatchObject({ accepted: planned - 1, replayed: planned - 1, existing: 3 });
});

test('two files that need equally much of a product are two commands; equal files are one', () => {
  const idsOf = (file: string) => commandsOf(planImport(file))[0]?.map(({ commandId }) => commandId);
  expect(idsOf([header, row('1', 'A')].join('\n'))?.[0]).not.toBe(idsOf([header, row('2', 'A')].join('\n'))?.[0]);
  expect(idsOf(text)).toEqual(idsOf(text));
});

test('ids made of parts cannot meet, and are never too long', () => {
  const file = [
    header,
    row('C1/A', 'B', -1),
    row('C1', 'A/B', -1),
    row(`C${'é'.repeat(90)}`, 'A', -1),
    row(`C${'é'.repeat(91)}`, 'A', -1),
  ].join('\n');
  const ids = commandsOf(planImport(file))
    .flat()
    .map(({ commandId }) => commandId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.max(...ids.map(({ length }) => length))).toBeLessThanOrEqual(200);
});

test.each([1, 3, 16])('keeps %i in flight, never more', async (concurrency) => {
  const file = [header, ...Array.from({ length: 60 }, (_, index) => row(`${index}`, 'A'))].join('\n');
  const full = Promise.withResolvers<undefined>();
  let arrived = 0;
  await using shop = await fakeShop((id) => {
    if (!id.startsWith('import-order')) return undefined;
    arrived += 1;
    if (arrived === concurrency) full.resolve(undefined);
    return full.promise;
  });
  expect(await importInto(shop, { file, concurrency })).toMatchObject({ accepted: 62 });
  expect(shop.inFlightMax()).toBe(concurrency);
});
