import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { shop } from '#shop';
import { limits, open, type Verified, verify } from '#varve';
import { withDatabase } from './data-folder.ts';
import { temporaryFolder } from './server-process.ts';
import { places, sql } from './tamper.ts';
import { tradeIn } from './trade.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What is found in a traded shop after something was done to its database by hand. */
async function foundAfter(tamper: (db: Database.Database) => void): Promise<Verified> {
  using folder = temporaryFolder();
  await tradeIn(folder.path);
  withDatabase(folder.path, tamper);
  return await verify(shop, folder.path);
}

/** Puts an event in the place of another, with all that belongs to it; positions of events, tags and receipts have no room for two meanwhile. */
const moved = (where: string, to: string) =>
  ['events', 'event_tags', 'commands']
    .map((table) => `UPDATE ${table} SET position = -position WHERE ${where}; UPDATE ${table} SET position = ${to} WHERE position < 0;`)
    .join('\n');
/** An event that whoever put it in has made of another. */
const forged = (position: number) =>
  `INSERT INTO events SELECT ${position}, 'mine', 'order-9', 1, 'OrderShipped', 1, '{}', metadata, recorded_at, hash FROM events WHERE position = 1`;

test('a log as it was written is well, and so is an empty one', async () => {
  using folder = temporaryFolder();
  await (await open(shop, folder.path)).close();
  expect(await verify(shop, folder.path)).toMatchObject({ ok: true, head: { position: 0, hash: null }, findings: [] });
  await tradeIn(folder.path);
  const before = readdirSync(folder.path).map((name) => [name, readFileSync(join(folder.path, name), 'latin1')]);
  const steps = new Set<string>();
  const verified = await verify(shop, folder.path, { onProgress: ({ step }) => steps.add(step) });
  expect(verified).toEqual({
    ok: true,
    head: { position: 15, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    tables: [
      { name: 'users', rows: 2, state: 'equal' },
      { name: 'products', rows: 2, state: 'equal' },
      { name: 'orders', rows: 8, state: 'equal' },
      { name: 'daily_sales', rows: 1, state: 'equal' },
    ],
    errors: 0,
    warnings: 0,
    counts: {},
    findings: [],
  });
  expect([...steps]).toEqual(['file', 'events', 'rows']);
  // It only reads, and leaves nothing behind.
  expect(readdirSync(folder.path).map((name) => [name, readFileSync(join(folder.path, name), 'latin1')])).toEqual(before);
});

describe('an event', () => {
  test.each<[string, (db: Database.Database) => void, readonly string[]]>([
    [
      'is changed',
      sql(`UPDATE events SET data = replace(data, '"name":"lantern"', '"name":"lamp"') WHERE position = 4`),
      ['CHAIN_BROKEN 4'],
    ],
    ['has another moment', sql('UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 4'), ['CHAIN_BROKEN 4']],
    ['has another actor', sql(`UPDATE events SET metadata = json_set(metadata, '$.actor', 'eve') WHERE position = 4`), ['CHAIN_BROKEN 4']],
    ['has no hash', sql('UPDATE events SET hash = NULL WHERE position = 4'), ['CHAIN_BROKEN 4', 'CHAIN_BROKEN 5']],
    ['is dropped', sql('DELETE FROM events WHERE position = 15'), ['RECEIPT_AHEAD', 'TAG_ASTRAY 15']],
    ['is dropped from the middle', sql('DELETE FROM events WHERE position = 5'), ['POSITION_GAP 6', 'TAG_ASTRAY 5']],
    ['is inserted', sql(moved('position >= 6', '1 - position') + forged(6)), ['CHAIN_BROKEN 6', 'CHAIN_BROKEN 7', 'RECEIPT_WRONG']],
    ['is put before the first', sql(forged(0)), ['POSITION_GAP 0']],
    [
      'is put in the place of another',
      sql(moved('position IN (5, 6)', '11 + position')),
      ['CHAIN_BROKEN 5', 'CHAIN_BROKEN 6', 'CHAIN_BROKEN 7'],
    ],
    [
      'is put before those of its stream',
      sql('UPDATE events SET version = CASE position WHEN 4 THEN 9 ELSE version END'),
      ['VERSION_GAP 4'],
    ],
    [
      'is put behind a later one of its stream',
      sql(`UPDATE events SET version = version + 9 WHERE stream = 'product-heart' AND version = 1;
        UPDATE events SET version = version - 1 WHERE stream = 'product-heart' AND version = 2;
        UPDATE events SET version = 2 WHERE stream = 'product-heart' AND version = 10`),
      ['VERSION_GAP 3'],
    ],
    ['has another tag', sql(`UPDATE event_tags SET tag = 'product:lamp' WHERE position = 4`), ['CHAIN_BROKEN 4', 'TAGS_DIFFER 4']],
    ['has lost a tag', sql('DELETE FROM event_tags WHERE position = 4'), ['CHAIN_BROKEN 4', 'TAGS_DIFFER 4']],
    ['that is none has a tag', sql(`INSERT INTO event_tags VALUES ('product:lamp', 99)`), ['TAG_ASTRAY 99']],
    ['is unknown', sql(`UPDATE events SET type = 'ProductLost' WHERE position = 4`), ['EVENT_UNREADABLE 4']],
    ['has data that is no JSON', sql(`UPDATE events SET data = '{"a":' WHERE position = 4`), ['CHAIN_BROKEN 4', 'EVENT_UNREADABLE 4']],
    ['has metadata that is no JSON', sql(`UPDATE events SET metadata = '{"a":' WHERE position = 4`), ['CHAIN_BROKEN 4', 'EVENT_DAMAGED 4']],
    [
      'has metadata of more than there is',
      sql(`UPDATE events SET metadata = json_set(metadata, '$.note', 'x') WHERE position = 4`),
      ['EVENT_DAMAGED 4'],
    ],
    ['has no moment', sql('UPDATE events SET recorded_at = 9e15 WHERE position = 4'), ['CHAIN_BROKEN 4', 'EVENT_DAMAGED 4']],
  ])('%s', async (_, tamper, expected) => {
    const verified = await foundAfter(tamper);
    const found = places(verified).map((place) => place.replace(/(RECEIPT_\w+) .*/, '$1'));
    expect(verified.ok).toBe(false);
    expect(found).toEqual(expect.arrayContaining([...expected]));
    // What is said besides is of what follows from it: no other event's data, tags or shape is blamed.
    const blamed = found.filter((place) => /^(CHAIN|TAGS|EVENT|VERSION)_/.test(place) && !expected.includes(place));
    expect(blamed.filter((place) => !/^(CHAIN_BROKEN|VERSION_GAP)/.test(place))).toEqual([]);
  });
});

describe('a receipt', () => {
  test.each<[string, string, readonly string[]]>([
    ['is lost', `DELETE FROM commands WHERE position = 4`, ['RECEIPT_MISSING']],
    ['names another position', `UPDATE commands SET position = 7 WHERE position = 4`, ['RECEIPT_WRONG']],
    ['names a position that is not there yet', `UPDATE commands SET position = 99 WHERE position = 4`, ['RECEIPT_WRONG', 'RECEIPT_AHEAD']],
    [
      'answers with a version that is not there',
      `UPDATE commands SET outcome = json_set(outcome, '$.version', 7) WHERE position = 4`,
      ['RECEIPT_WRONG'],
    ],
    ['answers with no JSON', `UPDATE commands SET outcome = '{' WHERE position = 4`, ['RECEIPT_WRONG']],
  ])('%s', async (_, tamper, expected) => {
    const verified = await foundAfter(sql(tamper));
    expect(verified.findings.map(({ code }) => code)).toEqual(expected);
    expect(verified.tables.every(({ state }) => state === 'equal')).toBe(true);
  });
});

describe('a read table', () => {
  test.each<[string, string, readonly string[]]>([
    ['has a row less', `DELETE FROM products WHERE sku = 'heart'`, ['ROW_MISSING products heart']],
    ['has lost its last row', `DELETE FROM products WHERE sku = 'lantern'`, ['ROW_MISSING products lantern']],
    [
      'has a row more',
      `CREATE TEMP TABLE more AS SELECT * FROM products LIMIT 1; UPDATE more SET sku = 'a'; INSERT INTO products SELECT * FROM more`,
      ['ROW_EXTRA products a'],
    ],
    ['is gone', 'DROP TABLE orders', ['TABLE_MISSING orders']],
    ['was built ahead of the log', `UPDATE read_tables SET position = 99 WHERE name = 'users'`, ['TABLE_AHEAD users']],
    ['has changes from ahead of the log', `INSERT INTO changes VALUES ('users', 99, 'ada', NULL)`, ['TABLE_AHEAD users']],
    ['promises changes from ahead of the log', `UPDATE read_tables SET journaled_after = 99 WHERE name = 'users'`, ['TABLE_AHEAD users']],
    ['was built by another version', `UPDATE read_tables SET hash = 'x' WHERE name = 'users'; DELETE FROM users`, ['TABLE_STALE users']],
  ])('%s', async (_, tamper, expected) => {
    const verified = await foundAfter(sql(tamper));
    expect(places(verified)).toEqual(expected);
    expect(verified.ok).toBe(expected[0]?.startsWith('TABLE_STALE'));
  });

  test('has rows that differ, and is told of where they do', async () => {
    const change = `UPDATE users SET orderCount = 77, email = 'a@b.c' WHERE userId = 'ada';
      UPDATE orders SET lines = replace(lines, 'lantern', 'lantorn') WHERE orderId = '1'`;
    const { findings, tables, ok } = await foundAfter(sql(change));
    expect(ok).toBe(false);
    expect(findings).toEqual([
      expect.objectContaining({ code: 'ROW_DIFFERS', table: 'users', key: 'ada', column: 'email', stored: 'a@b.c', rebuilt: null }),
      expect.objectContaining({ code: 'ROW_DIFFERS', table: 'users', key: 'ada', column: 'orderCount', stored: 77, rebuilt: 3 }),
      expect.objectContaining({
        table: 'orders',
        key: '1',
        column: 'lines',
        stored: expect.stringContaining('lantorn'),
        rebuilt: expect.stringContaining('lantern'),
      }),
    ]);
    for (const { stored } of findings.flatMap((one) => ('stored' in one ? one : [])))
      expect(String(stored).length).toBeLessThanOrEqual(limits.findingValueLengthMax + 2);
    expect(tables.map(({ state }) => state)).toEqual(['differs', 'equal', 'differs', 'equal']);
  });

  test('is not compared where a projection fails on an event', async () => {
    const verified = await foundAfter(sql(`UPDATE events SET data = replace(data, '"reason"', '"raison"') WHERE position = 14`));
    expect(verified.findings.map(({ code }) => code)).toEqual(['CHAIN_BROKEN', 'EVENT_UNREADABLE']);
    expect(verified.tables.map(({ state }) => state)).toEqual(Array(4).fill('not compared'));
    const gone = await foundAfter(sql('DELETE FROM events WHERE position = 8'));
    expect(gone.findings.map(({ code }) => code)).toContain('REBUILD_STOPPED');
  });
});

test('a reaction that has come further than the log is found', async () => {
  const verified = await foundAfter(sql("INSERT INTO reactions VALUES ('mail', 99), ('fax', 3)"));
  expect(places(verified)).toEqual(['REACTION_AHEAD 99']);
});

test('all is counted, and the first of each kind are told', async () => {
  const { counts, findings, errors } = await foundAfter(
    sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${limits.findingsShownMax + 5})
      INSERT INTO event_tags SELECT 'a:' || i, 99 FROM n; DELETE FROM commands WHERE position = 4`),
  );
  expect([counts, errors]).toEqual([{ RECEIPT_MISSING: 1, TAG_ASTRAY: limits.findingsShownMax + 5 }, limits.findingsShownMax + 6]);
  expect(findings).toHaveLength(limits.findingsShownMax + 1);
});
