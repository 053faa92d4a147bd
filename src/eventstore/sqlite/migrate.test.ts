import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { expect, onTestFinished, test } from 'vitest';
import { ChainWalk } from '../chain.ts';
import { chainPages } from './chain.ts';
import { migrateLog } from './migrate.ts';

/** A database as the first so many migrations leave it. */
function migratedBy(count: number): Database.Database {
  const folder = mkdtempSync(join(tmpdir(), 'varve-migrate-'));
  const journal = join(folder, 'meta/_journal.json');
  cpSync(join(import.meta.dirname, '../../../drizzle/sqlite'), folder, { recursive: true });
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8')) as { readonly entries: readonly unknown[] };
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, count) }));
  const db = new Database(':memory:');
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });
  migrate(drizzle({ client: db }), { migrationsFolder: folder });
  return db;
}

test('a log from before the journal promises the changes that come, and none that it never kept', () => {
  const db = migratedBy(1);
  db.exec(`INSERT INTO events VALUES (1, 'e', 'a-1', 1, 'Happened', 1, '{}', '{}', 0), (2, 'f', 'a-1', 2, 'Happened', 1, '{}', '{}', 0);
    INSERT INTO read_tables VALUES ('things', 'hash', 1)`);
  migrateLog(db);
  expect(db.prepare('SELECT name, journaled_after FROM read_tables').raw().all()).toEqual([['things', 2]]);
  expect(db.prepare('SELECT count(*) FROM changes').pluck().get()).toBe(0);
});

test('the tables without a rowid stay so', () => {
  const db = migratedBy(99);
  const without = db.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr = 1 ORDER BY name").pluck().all();
  expect(without).toEqual(['changes', 'commands', 'event_tags']);
});

/** A log from before there was a chain. */
function unchained(data: string): Database.Database {
  const db = migratedBy(2);
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, 1, ?, ?, 0)');
  const metadata = JSON.stringify({ commandId: 'c', correlationId: 'c', causationId: null, actor: null });
  insert.run(1, 'e', 'a-1', 1, 'Happened', '{"b":1,"a":2}', metadata);
  insert.run(2, 'f', 'a-1', 2, 'Happened', data, metadata);
  db.exec("INSERT INTO event_tags VALUES ('y:1', 1), ('x:1', 1), ('x:1', 2)");
  return db;
}

test('the events of a log from before the chain are linked, in whatever form their data was written', () => {
  const db = unchained('{}');
  migrateLog(db);
  const walk = new ChainWalk();
  const events = [...chainPages(db)].flat();
  expect(events.map((event) => walk.next(event))).toEqual([undefined, undefined]);
  expect(walk.head).toEqual({ position: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a log from before the chain that is damaged stays as it was', () => {
  const db = unchained('{"a":');
  expect(() => migrateLog(db)).toThrow(
    expect.objectContaining({ code: 'STORAGE_CORRUPT', message: expect.stringContaining('position 2') }),
  );
  expect(db.prepare("SELECT 1 FROM pragma_table_info('events') WHERE name = 'hash'").get()).toBeUndefined();
});
