import fs, { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { openConnection } from './connection.ts';
import { cutWal, renewWal } from './renew.ts';
import { openSqliteStore } from './sqlite.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-renew-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a killed process leaves behind: a main file, and a write-ahead log with three commits that are not in it. */
async function left(): Promise<string> {
  const [file, copy] = ['before', 'after'].map((name) => join(folder, name, 'varve.db')) as [string, string];
  const store = openSqliteStore(file);
  for (let i = 0; i < 3; i += 1) await store.append([newEvent('a-1')]);
  for (const end of ['', '-wal']) cpSync(`${file}${end}`, `${copy}${end}`);
  await store.close();
  return copy;
}

const countIn = (file: string): unknown => {
  const db = new Database(file, { readonly: true });
  const count = db.prepare('SELECT count(*) FROM events').pluck().get();
  db.close();
  return count;
};

test('what was left behind is moved into the main file, and nothing else stays', async () => {
  const file = await left();
  writeFileSync(`${file}-wal.new`, 'half of it, of a start that was killed');
  renewWal(file);
  expect(readdirSync(dirname(file))).toEqual(['varve.db']);
  expect(countIn(file)).toBe(3);
});

test('where there is no room to write it anew all of it is there, and nothing of the new one is left', async () => {
  const file = await left();
  vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  syncBuiltinESMExports();
  expect(() => renewWal(file)).toThrow('no space left on device');
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  expect(readdirSync(dirname(file)).filter((name) => name.includes('.new'))).toEqual([]);
  renewWal(file);
  expect(countIn(file)).toBe(3);
});

test('where another has the log open it stays as it is, and both read all of it', async () => {
  const file = await left();
  const other = new Database(file, { readonly: true });
  const count = other.prepare('SELECT count(*) FROM events').pluck();
  expect(count.get()).toBe(3);
  const { ino } = statSync(`${file}-wal`);
  renewWal(file);
  expect(statSync(`${file}-wal`).ino).toBe(ino);
  const store = openSqliteStore(file);
  await store.append([newEvent('a-1')]);
  expect([store.position(), count.get()]).toEqual([4, 4]);
  other.close();
  await store.close();
});

test('what stands behind the last commit is cut off, and nothing before it', async () => {
  const file = await left();
  const db = openConnection(file);
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(3);
  const whole = readFileSync(`${file}-wal`);
  appendFileSync(`${file}-wal`, Buffer.alloc(10_000, 7));
  cutWal(db);
  expect(readFileSync(`${file}-wal`).equals(whole)).toBe(true);
  db.exec('UPDATE read_tables SET position = position');
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(3);
  db.close();
});

test('nothing is cut while another writes', async () => {
  const file = await left();
  const [db, other] = [openConnection(file), openConnection(file)];
  db.pragma('busy_timeout = 0');
  other.exec('BEGIN IMMEDIATE');
  expect(() => cutWal(db)).toThrow('locked');
  other.exec('ROLLBACK');
  other.close();
  db.close();
});
