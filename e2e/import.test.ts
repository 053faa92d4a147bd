import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { client } from './client.ts';
import { withDatabase } from './data-folder.ts';
import { DailySalesDocument, OrderDocument, PositionDocument } from './generated/graphql.ts';
import { run, type ServerProcess, startServerProcess, temporaryFolder } from './server-process.ts';

const file = join(import.meta.dirname, '../../shared/data/online-retail/2010-12.csv');
const importer = join(import.meta.dirname, '../src/shop/import/main.ts');
const absent = !existsSync(file);
if (absent) console.warn(`The import of the real month is skipped: ${file} is not there.`);

/** A row of the file that makes sense, read without the importer's code. Money in hundredths of a penny. */
interface Sale {
  readonly invoice: string;
  readonly sku: string;
  readonly quantity: number;
  readonly day: string;
  readonly price: number;
  readonly customer: string;
}

function salesIn(text: string): readonly Sale[] {
  const rows = parse(text, { columns: true }) as readonly Record<string, string>[];
  return rows
    .map((row) => ({
      invoice: row['InvoiceNo'] ?? '',
      sku: row['StockCode'] ?? '',
      quantity: Number(row['Quantity']),
      day: (row['InvoiceDate'] ?? '').slice(0, 10),
      price: Math.round(Number(row['UnitPrice']) * 10_000),
      customer: row['CustomerID'] ? `customer-${Number(row['CustomerID'])}` : 'guest',
    }))
    .filter(({ invoice, quantity, price }) => price > 0 && quantity > 0 !== invoice.startsWith('C'));
}

const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0);
const money = (units: number) => {
  const [whole, fraction = ''] = (units / 10_000).toFixed(4).split('.');
  return `${whole}.${fraction.replace(/0{1,2}$/, '')}`;
};

interface Summary {
  readonly accepted: number;
  readonly replayed: number;
  readonly refused: object;
  readonly failed: object;
  readonly notSent: number;
  readonly leftOut: Readonly<Record<string, readonly number[]>>;
}

async function runImport(csv: string, url: string): Promise<{ code: number | null; summary: Summary }> {
  const { code, out } = await run(process.execPath, importer, csv, '--url', url, '--json');
  return { code, summary: JSON.parse(out) as Summary };
}

describe.skipIf(absent)('the real month of orders (skipped where its file is not there)', () => {
  const sales = absent ? [] : salesIn(readFileSync(file, 'utf8'));
  const sold = sales.filter(({ invoice }) => !invoice.startsWith('C'));
  const returned = sales.filter(({ invoice }) => invoice.startsWith('C'));
  const invoices = Map.groupBy(sold, ({ invoice }) => invoice);
  const folder = temporaryFolder();
  let server: ServerProcess;
  let first: Awaited<ReturnType<typeof runImport>>;
  beforeAll(async () => {
    server = await startServerProcess(folder.path);
    first = await runImport(file, server.url);
  }, 120_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('goes in whole, no command refused', () => {
    expect(first.code).toBe(0);
    expect(first.summary).toMatchObject({ replayed: 0, refused: {}, failed: {}, notSent: 0 });
    expect(first.summary.accepted).toBeGreaterThan(6_000);
    expect(first.summary.leftOut['NO_PRICE']).toHaveLength(273);
  });

  test('gives each day what the file says', async () => {
    const { dailySales } = await client(server.url).data(DailySalesDocument, { first: 200 });
    // An invoice counts on the day of its first row.
    const byDay = Map.groupBy([...invoices.values()], ([head]) => head?.day ?? '');
    const expected = [...byDay].map(([day, orders]) => {
      const lines = orders.flat();
      return {
        day,
        orders: orders.length,
        units: sum(lines, ({ quantity }) => quantity),
        revenue: money(sum(lines, ({ quantity, price }) => quantity * price)),
      };
    });
    expect(dailySales.nodes).toEqual(expected.sort((a, b) => (a.day < b.day ? -1 : 1)));
  });

  test('keeps every line of the longest order, in order', async () => {
    const [id, lines = []] = [...invoices].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
    const { order } = await client(server.url).data(OrderDocument, { orderId: id ?? '' });
    expect(order?.lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice])).toEqual(
      lines.map(({ sku, quantity, price }) => [sku, quantity, money(price)]),
    );
    expect(order?.total).toBe(money(sum(lines, ({ quantity, price }) => quantity * price)));
  });

  test('sent again changes nothing, and its tables add up for each product and user', async () => {
    const api = client(server.url);
    const { position } = await api.data(PositionDocument, {});
    const again = await runImport(file, server.url);
    expect(again.code).toBe(0);
    expect(again.summary.replayed).toBe(first.summary.accepted);
    expect(await api.data(PositionDocument, {})).toEqual({ position });
    await server.end('SIGTERM');

    const rows = (name: string) =>
      withDatabase(folder.path, (db) => db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${name}`).all());
    const units = (of: readonly Sale[]) =>
      new Map([...Map.groupBy(of, ({ sku }) => sku)].map(([sku, some]) => [sku, sum(some, ({ quantity }) => Math.abs(quantity))]));
    const [unitsSold, unitsReturned] = [units(sold), units(returned)];
    const skus = [...new Set([...unitsSold.keys(), ...unitsReturned.keys()])];
    // A product comes with the units that the orders need: what is left is what was returned.
    const products = rows('products').map(({ sku, stock, unitsSold: count }) => [sku, stock, count]);
    expect(new Set(products.map(String))).toEqual(
      new Set(skus.map((sku) => String([sku, unitsReturned.get(sku) ?? 0, unitsSold.get(sku) ?? 0]))),
    );
    const spent = Map.groupBy(sold, ({ customer }) => customer);
    for (const { userId, orderCount, totalSpent } of rows('users')) {
      const lines = spent.get(String(userId)) ?? [];
      expect([userId, orderCount, totalSpent]).toEqual([
        userId,
        new Set(lines.map(({ invoice }) => invoice)).size,
        sum(lines, ({ quantity, price }) => quantity * price),
      ]);
    }
    expect(rows('users')).toHaveLength(new Set(sales.map(({ customer }) => customer)).size);
    expect(rows('orders')).toHaveLength(invoices.size);
  }, 120_000);
});

const head = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const row = (invoice: string | number, more: Partial<Record<'sku' | 'quantity' | 'date' | 'price', string>> = {}) =>
  [
    invoice,
    more.sku ?? '85123A',
    'HEART',
    more.quantity ?? '2',
    more.date ?? '2010-12-01 08:26:00',
    more.price ?? '2.55',
    '17850.0',
    'UK',
  ].join(',');

describe('a file of our own', () => {
  test('interrupted and run again is complete', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(join(folder.path, 'data'));
    const csv = join(folder.path, 'orders.csv');
    const count = 3_000;
    writeFileSync(csv, [head, ...Array.from({ length: count }, (_, i) => row(600_000 + i))].join('\n'));
    const child = spawn(process.execPath, [importer, csv, '--url', server.url], { stdio: 'ignore' });
    const api = client(server.url);
    while (BigInt((await api.data(PositionDocument, {})).position) < 200n) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const before = Number((await api.data(PositionDocument, {})).position);
    expect(before).toBeLessThan(count + 2);
    const { code, summary } = await runImport(csv, server.url);
    expect([code, summary.accepted, summary.notSent]).toEqual([0, count + 2, 0]);
    expect(summary.replayed).toBeGreaterThanOrEqual(before);
    expect(await api.data(PositionDocument, {})).toEqual({ position: String(count + 2) });
  }, 60_000);

  test('that is dirty: rows that make no sense are named by line, the rest goes in', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(join(folder.path, 'data'));
    const csv = join(folder.path, 'dirty.csv');
    const rows = [
      head,
      row(1),
      row(''),
      row(1, { price: '0' }),
      row(1, { quantity: '-2' }),
      row(2, { date: 'soon' }),
      '1,2,3',
      row(2),
      row('C3', { quantity: '-1' }),
    ];
    writeFileSync(csv, rows.join('\n'));
    const { code, summary } = await runImport(csv, server.url);
    expect(code).toBe(0);
    expect(summary.leftOut).toEqual({ NO_INVOICE: [3], NO_PRICE: [4], NEGATIVE_QUANTITY: [5], BAD_DATE: [6], BROKEN_CSV: [7] });
    const { dailySales } = await client(server.url).data(DailySalesDocument, {});
    expect(dailySales.nodes).toEqual([{ day: '2010-12-01', orders: 2, units: 4, revenue: '10.20' }]);
  });
});
