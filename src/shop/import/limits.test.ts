import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { expect, onTestFinished, test, vi } from 'vitest';
import { records } from './csv.ts';
import { fakeShop } from './fake-shop.ts';
import { readText } from './file.ts';
import { importLimits } from './limits.ts';
import { commandsOf } from './operations.ts';
import { readOptions } from './options.ts';
import { planImport } from './plan.ts';
import { probe } from './post.ts';
import { report } from './report.ts';
import { sendAll } from './send.ts';
import { Tally } from './tally.ts';

// The limit that stands is too far away for a test: this is in its place.
vi.mock('./limits.ts', async (original) => {
  const { importLimits } = await original<typeof import('./limits.ts')>();
  return { importLimits: { ...importLimits, requestTimeoutMs: 200 } };
});
vi.mock('csv-parse/sync', { spy: true });
vi.mock('node:timers/promises', { spy: true });

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const row = (price = '2.55') => `1,A,NAME,1,2010-12-01 08:26:00,${price},17850.0,UK`;

test('a file that is too large is refused before it is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'large.csv');
  writeFileSync(file, header);
  // Without a block on the disk.
  truncateSync(file, importLimits.fileBytesMax + 1);
  await expect(readText(file)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
});

test('the CSV library is given so many lines at a time', () => {
  vi.mocked(parse).mockClear();
  const lines = Array.from({ length: importLimits.chunkLinesMax + 1 }, () => 'a,b');
  expect([...records(lines.join('\n'))]).toHaveLength(lines.length);
  expect(vi.mocked(parse).mock.calls.map(([text]) => String(text).split('\n').length)).toEqual([importLimits.chunkLinesMax, 1]);
});

test('where nothing is said, so many commands are in flight', () => {
  expect(readOptions(['orders.csv']).concurrency).toBe(importLimits.concurrencyDefault);
});

test('an attempt that is not answered is given up after a while', async () => {
  const never = Promise.withResolvers<undefined>();
  await using shop = await fakeShop(() => never.promise);
  const begun = performance.now();
  expect(await probe(shop.url)).toMatchObject({ code: 'UNREACHABLE', retryable: true, unreachable: true });
  const ms = performance.now() - begun;
  expect([ms > 0.9 * importLimits.requestTimeoutMs, ms < 10_000]).toEqual([true, true]);
  never.resolve(undefined);
});

test('the wait before an attempt doubles each time, up to a bound', async () => {
  await using shop = await fakeShop(() => ({ status: 503, body: 'no JSON answer' }));
  vi.mocked(sleep).mockReset().mockResolvedValue(undefined);
  const [[command] = []] = commandsOf(planImport([header, row()].join('\n')));
  const sending = { url: shop.url, concurrency: 1, stop: new AbortController().signal, onOutcome: () => {}, onRetry: () => {} };
  await sendAll([command ? [command] : []], sending);
  const waits = vi.mocked(sleep).mock.calls.map(([ms]) => Number(ms));
  expect(waits).toHaveLength(importLimits.attemptsMax - 1);
  for (const [attempt, ms] of waits.entries()) {
    const most = Math.min(importLimits.backoffMs * 2 ** attempt, importLimits.backoffMaxMs);
    expect([ms >= most / 2, ms <= most]).toEqual([true, true]);
  }
  expect(importLimits.backoffMs * 2 ** waits.length).toBeGreaterThan(importLimits.backoffMaxMs);
});

test('of rows that are left out so many lines are named on a terminal', () => {
  const rows = Array.from({ length: importLimits.linesShownMax + 3 }, () => row('0'));
  const summary = new Tally(planImport([header, row(), ...rows].join('\n'))).summary('orders.csv', 'http://127.0.0.1:1', 1);
  const [, named] = /lines (.*) and 3 more/.exec(report(summary, importLimits.linesShownMax)) ?? [];
  expect(named?.split(', ')).toHaveLength(importLimits.linesShownMax);
  expect(report(summary, Number.POSITIVE_INFINITY)).not.toContain('more');
});
