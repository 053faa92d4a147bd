import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalJson, limits } from '#base';
import { linkOf } from '../chain.ts';
import { newEvent } from '../events.fixture.ts';
import type { Head } from '../port.ts';
import { openSqliteStore, type SqliteStore } from '../sqlite/sqlite.ts';
import { sqliteTarget } from '../sqlite/target.ts';
import { LogImport } from './importing.ts';
import { endLine, eventLine, receiptLine } from './lines.ts';
import { type Left, linesFrom, logOf } from './log.fixture.ts';

let folder = '';
let [from, to] = ['', ''];
let made = 0;
const renew = () => {
  made += 1;
  [from, to] = ['from', 'to'].map((name) => join(folder, `${made}-${name}.db`)) as [string, string];
};
const renewSource = () => {
  made += 1;
  from = join(folder, `${made}-from.db`);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-import-'));
  renew();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function withTarget<T>(work: (log: SqliteStore) => Promise<T>): Promise<T> {
  const log = openSqliteStore(to, { unfinished: true });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Feeds lines to an import; where they are a whole file, ends it. */
const feed = (lines: readonly string[], isWhole = true): Promise<Head> =>
  withTarget(async (log) => {
    const taken = await LogImport.begin(sqliteTarget(log));
    for (const line of lines) await taken.take(line);
    if (!isWhole) return taken.head;
    const head = await taken.complete();
    await taken.finish();
    return head;
  });

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
const event = fc
  .record({
    stream: fc.constantFrom('a-1', 'a-2', 'b-\u{1f600}'),
    data: fc.jsonValue().map((value) => canonicalJson(value) ?? 'null'),
    tags: fc.uniqueArray(fc.oneof(text, fc.constantFrom('x:\ufb33', 'x:\u{1f600}', 'x:1')), { maxLength: 4 }),
    schemaVersion: fc.integer({ min: 1, max: 3 }),
    recordedAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
    metadata: fc.record({ commandId: text, correlationId: text, causationId: fc.option(text), actor: fc.option(text) }),
  })
  .map(({ stream, ...more }) => newEvent(stream, more));
const commands = fc
  .array(fc.array(event, { maxLength: 3 }), { maxLength: 8 })
  .map((all) => all.map((events, i): Left => ({ commandId: `${(i * 7) % 5}-${i}`, events })));

test('what is exported, imported and exported again is the same to the byte, wherever the import was broken off', async () => {
  await fc.assert(
    fc.asyncProperty(commands, fc.nat(), async (left, place) => {
      renew();
      await logOf(from, left);
      const lines = await linesFrom(from);
      await feed(lines.slice(0, place % lines.length), false);
      expect(() => openSqliteStore(to)).toThrow(expect.objectContaining({ code: 'IMPORT_UNFINISHED', hint: expect.any(String) }));
      await feed(lines);
      expect(await linesFrom(to)).toEqual(lines);
    }),
    { numRuns: 40 },
  );
});

const some = (count: number): Left[] =>
  Array.from({ length: count }, (_, i) => ({ commandId: `c${i}`, events: [newEvent(`a-${i % 3}`, { tags: ['x:1'] })] }));
const storedIn = () => withTarget(async (log) => log.position());

test('stores as many lines at a time as it may, and goes on after them', async () => {
  const batches = 2;
  await logOf(from, some((batches * limits.importBatchLinesMax) / 2 + 10));
  const lines = await linesFrom(from);
  await feed(lines.slice(0, -2), false);
  // Each event has a receipt; what was not a batch yet is not stored.
  expect(await storedIn()).toBe((batches * limits.importBatchLinesMax) / 2);
  expect(await feed(lines)).toMatchObject({ position: (lines.length - 1) / 2 });
  expect(await linesFrom(to)).toEqual(lines);
});

test('stores as much at a time as it may, however few lines that is', async () => {
  const data = JSON.stringify('x'.repeat(limits.importBatchLengthMax / 8));
  await logOf(from, [{ commandId: 'c', events: Array.from({ length: 10 }, () => newEvent('a-1', { data })) }]);
  await feed((await linesFrom(from)).slice(0, 10), false);
  expect(await storedIn()).toBe(8);
});

test('a line that is not what comes next is not stored, nor is what came with it; mended, it goes on', async () => {
  await logOf(from, some(limits.importBatchLinesMax));
  const lines = await linesFrom(from);
  const place = limits.importBatchLinesMax + 100;
  const changed = lines.with(place, lines[place]?.replace('"data":{}', '"data":1') ?? '');
  await expect(feed(changed)).rejects.toMatchObject({ code: 'IMPORT_BROKEN', message: expect.stringContaining(`Line ${place + 1} `) });
  expect(await storedIn()).toBe(limits.importBatchLinesMax / 2);
  await feed(lines);
  expect(await linesFrom(to)).toEqual(lines);
});

test('a file that is cut off leaves what it had, unfinished', async () => {
  await logOf(from, some(3));
  const lines = await linesFrom(from);
  await expect(feed(lines.slice(0, -1))).rejects.toMatchObject({ code: 'IMPORT_BROKEN', message: expect.stringContaining('cut off') });
  expect(await storedIn()).toBe(3);
  expect(() => openSqliteStore(to)).toThrow(expect.objectContaining({ code: 'IMPORT_UNFINISHED' }));
});

test('a log that holds something is left as it is', async () => {
  await logOf(from, some(3));
  await logOf(to, some(1));
  await expect(feed(await linesFrom(from))).rejects.toMatchObject({
    code: 'IMPORT_NOT_EMPTY',
    message: expect.stringContaining('1 events'),
  });
  expect(await linesFrom(to)).toHaveLength(3);
});

test("another log's lines are not taken in after those of the first", async () => {
  await logOf(from, some(3));
  await expect(feed((await linesFrom(from)).slice(0, -1))).rejects.toMatchObject({ code: 'IMPORT_BROKEN' });
  for (const count of [1, 3, 5]) {
    renewSource();
    await logOf(from, some(count));
    await expect(feed(await linesFrom(from)), String(count)).rejects.toMatchObject({ code: 'IMPORT_OTHER_LOG' });
  }
  expect(await storedIn()).toBe(3);
});
/** A file whose every hash is right, though no export would have written it. */
function forged({ version, receipts }: { readonly version: number; readonly receipts: readonly string[] }): readonly string[] {
  const event = { ...newEvent('a-1'), position: 1, version };
  const hash = linkOf(event, null);
  const walked = [eventLine({ ...event, hash }, null) ?? ''];
  let previous: string | null = null;
  for (const commandId of receipts) {
    const { line, link } = receiptLine({ commandId, inputHash: 'h', outcome: '{}', position: 1 }, previous);
    walked.push(line);
    previous = link;
  }
  return [...walked, endLine({ events: 1, receipts: receipts.length, position: 1, hash, receiptsHash: previous })];
}

test('a version that is not the next, and a command with two receipts, are refused, though every hash is right', async () => {
  const refused = (message: string) => expect.objectContaining({ code: 'IMPORT_BROKEN', message: expect.stringContaining(message) });
  await expect(feed(forged({ version: 2, receipts: ['c'] }))).rejects.toEqual(refused('Line 1 '));
  await expect(feed(forged({ version: 1, receipts: ['c', 'c'] }))).rejects.toEqual(refused('Line 3 '));
  expect(await storedIn()).toBe(0);
  expect(await feed(forged({ version: 1, receipts: ['c', 'd'] }))).toMatchObject({ position: 1 });
});
