import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { fakeShop, refusal } from './fake-shop.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const good = '536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,UK';
const unpriced = Array.from({ length: 20 }, () => good.replace('2.55', '0.0'));

function write(name: string, ...lines: readonly (string | Uint8Array)[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')]))));
  return file;
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<Run> {
  const script = fileURLToPath(new URL('main.ts', import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }));
  });
}

test('prints a summary for people, every line number included where no terminal is', async () => {
  await using shop = await fakeShop();
  const { code, out, err } = await run(
    write('good.csv', header, good, ...unpriced, '536366,x'),
    '--url',
    shop.url.href,
    '--concurrency',
    '2',
  );
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/good\.csv: 22 rows, 1 product, 1 user, 1 order, 0 restocks\nleft out 21 rows\n/);
  expect(out).toMatch(/ {2}20 NO_PRICE: .*; lines 3, 4, .*, 21, 22\n {2}1 BROKEN_CSV: .*; line 23\n/);
  expect(out).toMatch(/sent 3 in \d+\.\d s, \d+\/s\naccepted 3, of these 0 replayed.*\nrefused 0\nfailed 0\ncomplete\n$/);
});

test('prints it as JSON, and exits with 1 where something is refused', async () => {
  await using shop = await fakeShop((id) => (id.startsWith('import-order') ? { body: refusal('OutOfStock', 'OUT_OF_STOCK') } : undefined));
  const file = write('refused.csv', header, good, unpriced[0] ?? '');
  const { code, out, err } = await run(file, '--url', shop.url.href, '--json');
  expect([code, err]).toEqual([1, '']);
  expect(JSON.parse(out)).toMatchObject({
    file,
    url: shop.url.href,
    rowsRead: 2,
    rowsLeftOut: 1,
    leftOut: { NO_PRICE: [3] },
    planned: { products: 1, users: 1, orders: 1, restocks: 0 },
    sent: 3,
    accepted: 2,
    refused: { OUT_OF_STOCK: { count: 1, commandIds: ['import-order-536365'], message: 'OutOfStock!' } },
  });
});

test('bytes that are no UTF-8 cost their rows only', async () => {
  await using shop = await fakeShop();
  const file = write('latin.csv', header, good, Buffer.from(good.replace('HEART', 'CAF\u00C9'), 'latin1'));
  const { code, out } = await run(file, '--url', shop.url.href, '--json');
  expect([code, JSON.parse(out).leftOut]).toEqual([0, { BAD_ENCODING: [3] }]);
});

test('what the operator got wrong is said in a sentence with a hint, exit code 2', async () => {
  const file = write('fine.csv', header, good);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /missing required argument 'file'/],
    [[file, '--concurrency', '0'], /It must be a whole number from 1 to 256/],
    [[file, '--concurrency', '257'], /It must be a whole number from 1 to 256/],
    [[file, '--concurrency', 'many'], /It must be a whole number from 1 to 256/],
    [[file, '--url', 'nowhere'], /It must be a URL such as/],
    [[file, '--frobnicate'], /unknown option '--frobnicate'/],
    [[file, file], /too many arguments/],
    [
      [join(folder, 'absent.csv')],
      /There is no file .*absent\.csv\nGive the path of a CSV file that you may read\.\n\(CANNOT_READ_FILE\)\n$/,
    ],
    [[folder], /That is a folder, not a file/],
    [[write('other.csv', 'a,b', '1,2')], /lacks the columns InvoiceNo, .*\nGive a CSV file, /],
    [
      [file, '--url', 'http://127.0.0.1:9/graphql'],
      /No server answers at http:\/\/127\.0\.0\.1:9\/graphql: .+\nStart the shop \(npm start\)/,
    ],
  ];
  const runs = await Promise.all(cases.map(([args]) => run(...args)));
  for (const [index, { code, out, err }] of runs.entries()) {
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(cases[index]?.[1] ?? /never/)]);
    expect(err).not.toMatch(/^\s+at /m);
  }
}, 60_000);

test('with --json a fault is JSON too', async () => {
  const { code, err } = await run(join(folder, 'absent.csv'), '--json');
  expect([code, JSON.parse(err)]).toEqual([2, { code: 'CANNOT_READ_FILE', message: expect.any(String), hint: expect.any(String) }]);
});

test('with --json wrong flags are JSON too', async () => {
  const runs = await Promise.all([['--concurrency', '0'], ['--frobnicate'], ['too', 'many']].map((words) => run(...words, '--json')));
  const fault = { code: 'BAD_CONFIGURATION', message: expect.any(String), hint: expect.any(String) };
  for (const { code, out, err } of runs) expect([code, out, JSON.parse(err)]).toEqual([2, '', fault]);
}, 60_000);

test('a server that is no shop is told apart', async () => {
  await using shop = await fakeShop(() => ({ status: 404, body: 'Not here.' }));
  const { code, err } = await run(write('fine.csv', header, good), '--url', shop.url.href);
  expect([code, err]).toEqual([2, expect.stringMatching(/is not the shop, or not ready: HTTP status 404.*\nGive the address/)]);
});
