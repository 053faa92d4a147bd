import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { client } from './client.ts';
import { type Dashboard, noBrowser, type Shown, startDashboard, watched } from './dashboard-page.ts';
import { DailySalesDocument } from './generated/graphql.ts';
import { run, startServerProcess, temporaryFolder } from './server-process.ts';

if (noBrowser) console.warn('The live dashboard is not looked at: there is no Chromium on this machine.');
const month = join(import.meta.dirname, '../../shared/data/online-retail/2010-12.csv');
const noMonth = !existsSync(month);
if (noMonth) console.warn(`The live dashboard watches the import of made-up orders: ${month} is not there.`);
/** `SCREENSHOT=1` renews the picture of the docs, from the midst of the real month's import. */
const picture = process.env['SCREENSHOT'] ? join(import.meta.dirname, '../docs/images/live-dashboard.png') : undefined;
const importer = join(import.meta.dirname, '../src/shop/import/main.ts');
const rowsLookedAt = 6_000;
const rowsAnOrder = 3;

/** Two files' worth of orders: of real ones the first rows only, for there is more to watch in many short orders than in few long ones. */
function twoFiles(): readonly [string, string] {
  const [head = '', ...rows] = noMonth ? madeUp() : readFileSync(month, 'utf8').split('\n').slice(0, rowsLookedAt);
  const invoices = [...Map.groupBy(rows, (row) => row.slice(0, row.indexOf(','))).values()].map((some) => some.slice(0, rowsAnOrder));
  const file = (some: readonly (readonly string[])[]) => [head, ...some.flat()].join('\n');
  return [file(invoices.slice(0, invoices.length / 2)), file(invoices.slice(invoices.length / 2))];
}

function madeUp(): readonly string[] {
  const rows = Array.from({ length: 1_200 }, (_, i) => {
    const [invoice, day] = [600_000 + Math.floor(i / rowsAnOrder), 1 + Math.floor(i / 300)];
    return `${invoice},SKU${i % 97},LANTERN,${1 + (i % 12)},2010-12-0${day} 08:26:00,${1 + (i % 7)}.25,17850.0,United Kingdom`;
  });
  return ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country', ...rows];
}

/** What the page must show, by what the query says. */
async function asked(url: string): Promise<Pick<Shown, 'days' | 'totals'>> {
  const { dailySales } = await client(url).data(DailySalesDocument, { first: 200 });
  const days = dailySales.nodes;
  const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + of(day), 0);
  const revenue = (sum((day) => Math.round(Number(day.revenue) * 100)) / 100).toFixed(2);
  return {
    days: days.map((day) => [day.day, String(day.orders), String(day.units), day.revenue]),
    totals: { orders: String(sum(({ orders }) => orders)), units: String(sum(({ units }) => units)), revenue },
  };
}

const change = (kind: string, day: string, position: string, id = position) => {
  const dailySales = kind === 'REMOVED' || kind === 'RESYNC' ? null : { day, orders: 1, units: 2, revenue: '3.50' };
  const data = { dailySalesChanged: { kind, position, day, dailySales, cause: null } };
  return `event: next\nid: ${id}\ndata: ${JSON.stringify({ data })}\n\n`;
};
const snapshot = (day: string, id: string) => change('SNAPSHOT', day, '3', id);

interface Answer {
  readonly status?: number;
  readonly say?: readonly string[];
  readonly stays?: boolean;
}

/** Answers each connection by the script. A stream that does not stay is cut when the test goes on, and the answer after it waits for that. */
async function scriptedShop(script: readonly Answer[]) {
  const turns = script.map(() => Promise.withResolvers<void>());
  let [connections, turn] = [0, 0];
  const server = createServer(async (_, response) => {
    const mine = connections++;
    const { status = 200, say = [], stays } = script[mine] ?? { status: 503 };
    await turns[mine]?.promise;
    response.writeHead(status, { 'access-control-allow-origin': '*', 'content-type': 'text/event-stream' });
    response.write(['retry: 10\n\n', ...say].join(''));
    if (status !== 200) return void response.end();
    if (!stays) void turns[mine + 1]?.promise.then(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    next: () => turns[turn++]?.resolve(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const patient = { timeout: 60_000, interval: 50 };

describe.skipIf(noBrowser)('the live dashboard in a browser (skipped where there is no Chromium)', () => {
  const folder = temporaryFolder();
  let dashboard: Dashboard;
  beforeAll(async () => {
    dashboard = await startDashboard();
  }, 60_000);
  afterAll(async () => {
    await dashboard[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Imports orders, two at a time, so that there is something to watch. */
  const importing = async (csv: string, url: string): Promise<number | null> => {
    const file = join(folder.path, 'orders.csv');
    writeFileSync(file, csv);
    return (await run(process.execPath, importer, file, '--url', url, '--json', '--concurrency', '2')).code;
  };

  test('moves during an import, goes on by itself after the server was killed, and loses nothing', async () => {
    const data = join(folder.path, 'data');
    const letIn = { VARVE_ORIGINS: dashboard.origin };
    await using first = await startServerProcess(data, letIn);
    const { page, shown, complaints, resumedAfter } = await dashboard.open(first.url);
    await expect.poll(shown, patient).toMatchObject({ state: 'live', hint: '', days: [], totals: { orders: '0', revenue: '0.00' } });
    const [one, two] = twoFiles();

    const revenues = await watched(page, 'revenue');
    expect(await importing(one, first.url)).toBe(0);
    await expect.poll(shown, patient).toMatchObject(await asked(first.url));
    // How often depends on how fast the import is: it is drawn anew at each of the browser's frames at most.
    expect(new Set(await revenues()).size).toBeGreaterThan(2);
    expect((await shown()).last).toHaveLength(8);
    expect(complaints).toEqual([]);

    const before = (await shown()).position;
    const further = importing(two, first.url);
    await expect.poll(async () => (await shown()).position, patient).not.toBe(before);
    await first.end('SIGKILL');
    await expect.poll(shown, patient).toMatchObject({ state: 'cut', hint: '' });
    const atTheCut = await shown();
    await using second = await startServerProcess(data, { ...letIn, PORT: new URL(first.url).port });
    expect(second.url).toBe(first.url);
    expect(await further).toBe(0);
    await expect.poll(shown, patient).toMatchObject({ state: 'live', ...(await asked(second.url)) });
    expect((await shown()).totals).not.toEqual(atTheCut.totals);

    // It came back to where it was, instead of beginning anew.
    expect(resumedAfter[0]).toBeUndefined();
    expect(resumedAfter.at(-1)).toBe(atTheCut.position);
    expect(complaints.filter((text) => !/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING)/.test(text))).toEqual([]);
    await page.close();
  }, 180_000);

  test('forgets what it knew where the stream begins anew, and opens another where the browser gives up', async () => {
    await using shop = await scriptedShop([
      {
        say: [snapshot('2010-12-01', 'anew'), snapshot('2010-12-02', '2'), change('RESYNC', '', '3', 'anew'), snapshot('2010-12-03', '3')],
      },
      { say: [change('CHANGED', '2010-12-04', '4'), change('REMOVED', '2010-12-03', '5')] },
      { status: 503 },
      { say: [snapshot('2010-12-05', 'anew')] },
      { say: ['event: next\ndata: {"errors":[{"message":"The log is at position 0."}]}\n\n'] },
      { say: [snapshot('2010-12-06', '6')], stays: true },
    ]);
    const { page, shown, resumedAfter } = await dashboard.open(shop.url);
    const days = async () => (await shown()).days.map(([day]) => day);
    shop.next();
    await expect.poll(days, patient).toEqual(['2010-12-03']);
    shop.next();
    await expect.poll(days, patient).toEqual(['2010-12-04']);
    shop.next();
    await expect.poll(shown, patient).toMatchObject({ state: 'refused', hint: '' });
    shop.next();
    await expect.poll(days, patient).toEqual(['2010-12-05']);
    shop.next();
    await expect.poll(shown, patient).toMatchObject({ state: 'refused', hint: 'The log is at position 0.' });
    shop.next();
    await expect.poll(days, patient).toEqual(['2010-12-06']);
    expect(await shown()).toMatchObject({ state: 'live', hint: '', position: '3' });
    expect(resumedAfter).toEqual([undefined, '3', '5', undefined, 'anew', undefined]);
    await page.close();
  }, 60_000);

  test('says what to do where it is not let in', async () => {
    await using server = await startServerProcess(join(folder.path, 'closed'));
    const { page, shown } = await dashboard.open(server.url);
    await expect.poll(shown, patient).toMatchObject({ state: 'refused', hint: expect.stringContaining(`--origin ${dashboard.origin})`) });
    await page.close();
  }, 60_000);

  test.skipIf(!picture || noMonth)(
    'has its picture taken (skipped unless SCREENSHOT asks for it)',
    async () => {
      await using server = await startServerProcess(join(folder.path, 'picture'), { VARVE_ORIGINS: dashboard.origin });
      const { page, shown } = await dashboard.open(server.url);
      const importingAll = spawn(process.execPath, [importer, month, '--url', server.url], { stdio: 'ignore' });
      try {
        const latest = async () => Number((await shown()).days[12]?.[3] ?? 0);
        await expect.poll(latest, { timeout: 200_000, interval: 50 }).toBeGreaterThan(15_000);
        await page.screenshot({ path: picture ?? '' });
      } finally {
        importingAll.kill('SIGKILL');
      }
      await page.close();
    },
    240_000,
  );
});
