import { cpSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { shop } from '#shop';
import { databaseFile, withDatabase } from '../data-folder.ts';
import { temporaryFolder } from '../server-process.ts';
import type { FindingCode } from './finding.ts';
import { checkFolder } from './folder.ts';
import { shopDomain } from './shop.ts';
import { tradedIn } from './traded.ts';

vi.setConfig({ testTimeout: 60_000 });

const good = temporaryFolder();
afterAll(() => good[Symbol.dispose]());
const history = await tradedIn(good.path, 300);

const found = async (folder: string) =>
  (await checkFolder(shop, folder, history, shopDomain())).findings.map(({ code, message }) => `${code}: ${message}`);

test('a data folder that was traded in is found sound', async () => {
  expect(await found(good.path)).toEqual([]);
});

/** What somebody does to a data folder; what is found of it, and a word of what verify finds. */
const tampered: Readonly<Record<string, readonly [sql: string, finds: FindingCode, verifies: string]>> = {
  'whose last event is gone': [
    'DELETE FROM events WHERE position = (SELECT max(position) FROM events)',
    ...(['ACKNOWLEDGED_LOST', 'RECEIPT_AHEAD'] as const),
  ],
  'that lacks an event in its midst': ['DELETE FROM events WHERE position = 20', 'POSITION_GAP', 'POSITION_GAP'],
  'in which two events have changed places': [
    `UPDATE events SET position = -1 WHERE position = 20; UPDATE events SET position = 20 WHERE position = 40;
     UPDATE events SET position = 40 WHERE position = -1`,
    ...(['ANSWER_WRONG', 'CHAIN_BROKEN'] as const),
  ],
  'in which an event is there twice': [
    `INSERT INTO events SELECT (SELECT max(position) FROM events) + 1, event_id, stream, 999, type, schema_version, data, metadata, recorded_at, hash
     FROM events WHERE position = 20`,
    ...(['COMMAND_TWICE', 'VERSION_GAP'] as const),
  ],
  'in which a payload was changed': [
    `UPDATE events SET data = replace(data, '"quantity":1', '"quantity":2') WHERE type = 'ProductRestocked'`,
    ...(['EVENT_NOT_AS_SENT', 'CHAIN_BROKEN'] as const),
  ],
  'without a receipt': ['DELETE FROM commands WHERE position = 20', 'RECEIPT_MISSING', 'RECEIPT_MISSING'],
  'with the receipt of a command that nobody sent': [
    `INSERT INTO commands VALUES ('nobody', 'x', '{}', 20)`,
    ...(['UNASKED', ''] as const),
  ],
  'with a row that is changed': ["UPDATE products SET stock = stock + 1 WHERE sku = 'heart'", 'ROWS_DIFFER', 'ROW_DIFFERS'],
  'that lacks a row': ['DELETE FROM orders WHERE rowid IN (SELECT rowid FROM orders LIMIT 1)', 'ROWS_DIFFER', 'ROW_MISSING'],
  'with a row too many': ["INSERT INTO daily_sales VALUES ('1999-01-01', 1, 1, 1)", 'ROWS_DIFFER', 'ROW_EXTRA'],
};

describe('a data folder', () => {
  test.each(Object.entries(tampered))('%s is found out', async (_, [sql, finds, verifies]) => {
    using folder = temporaryFolder();
    cpSync(databaseFile(good.path), databaseFile(folder.path));
    withDatabase(folder.path, (db) => db.exec(sql));
    const messages = await found(folder.path);
    expect(
      messages.some((message) => message.startsWith(finds)),
      messages.join('\n'),
    ).toBe(true);
    if (verifies !== '')
      expect(
        messages.some((message) => message.startsWith(`UNVERIFIED: ${verifies}`)),
        messages.join('\n'),
      ).toBe(true);
  });
});
