import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { openInspection } from './inspect.ts';
import { openSqliteStore, type SqliteStore } from './sqlite.ts';
import { type WalDamage, walDamage } from './wal.ts';

const [headerBytes, frameBytes, commits] = [32, 24 + 4_096, 8];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-wal-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** What a killed process leaves behind after it has done some work: the main file, and all of the work in the write-ahead log. */
async function leftBy(work: (store: SqliteStore) => Promise<unknown>): Promise<string> {
  const file = join(folder, `${++count}`, 'varve.db');
  const store = openSqliteStore(file);
  await work(store);
  const copy = join(folder, `${++count}`, 'varve.db');
  for (const end of ['', '-wal']) cpSync(`${file}${end}`, `${copy}${end}`);
  await store.close();
  return copy;
}

/** Some commits of a few frames each. */
async function manyCommits(store: SqliteStore): Promise<void> {
  for (let i = 0; i < commits; i += 1) await store.append([newEvent(`a-${i}`, { tags: ['x:1'], data: JSON.stringify('y'.repeat(5_000)) })]);
}

/** The last frame of each commit, from 1. */
function commitFrames(wal: Buffer): readonly number[] {
  const frames = Array.from({ length: (wal.length - headerBytes) / frameBytes }, (_, i) => i + 1);
  return frames.filter((frame) => wal.readUInt32BE(headerBytes + (frame - 1) * frameBytes + 4) !== 0);
}

function damageIn(file: string): WalDamage | undefined {
  const db = new Database(file, { readonly: true });
  try {
    return walDamage(db);
  } finally {
    db.close();
  }
}

async function positionIn(file: string): Promise<number> {
  const store = openSqliteStore(file);
  try {
    return store.position();
  } finally {
    await store.close();
  }
}

/** A write-ahead log with one bit flipped in it, looked at, and put back. */
function withFlip<T>(file: string, at: number, look: () => T): T {
  const wal = readFileSync(`${file}-wal`);
  const flipped = Buffer.from(wal);
  flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at);
  writeFileSync(`${file}-wal`, flipped);
  try {
    return look();
  } finally {
    writeFileSync(`${file}-wal`, wal);
  }
}

test('a write-ahead log that was cut off anywhere in its last commits is no damage: what was whole is there', async () => {
  const file = await leftBy(manyCommits);
  const wal = readFileSync(`${file}-wal`);
  const ends = commitFrames(wal);
  expect(damageIn(file)).toBeUndefined();
  const whole = (bytes: number) => ends.filter((frame) => headerBytes + frame * frameBytes <= bytes).length;
  for (let bytes = wal.length; whole(bytes) > ends.length - 3; bytes -= 1_237) {
    const copy = join(folder, `${++count}`, 'varve.db');
    for (const end of ['', '-wal']) cpSync(`${file}${end}`, `${copy}${end}`);
    truncateSync(`${copy}-wal`, bytes);
    expect([bytes, damageIn(copy), await positionIn(copy)]).toEqual([bytes, undefined, commits - (ends.length - whole(bytes))]);
  }
});

test.each([
  ['page number', 0],
  ['size after the commit', 7],
  ['first salt', 9],
  ['second salt', 14],
  ['first word of the checksum', 16],
  ['second word of the checksum', 23],
  ['page', 24],
  ['last byte of the page', frameBytes - 1],
])('one bit flipped in the %s of any frame before the last commits is found, and named', async (_, place) => {
  const file = await leftBy(manyCommits);
  const ends = commitFrames(readFileSync(`${file}-wal`));
  const last = ends.at(-3) ?? 0;
  expect(last).toBeGreaterThan(10);
  for (let frame = 1; frame <= last; frame += 1) {
    const at = headerBytes + (frame - 1) * frameBytes;
    expect(withFlip(file, at + place, () => damageIn(file))).toEqual({ frame, at });
  }
});

test('one bit flipped anywhere in its header is found', async () => {
  const file = await leftBy(manyCommits);
  for (let at = 0; at < headerBytes; at += 1) expect(withFlip(file, at, () => damageIn(file))).toEqual({ frame: 0, at: 0 });
});

test('start refuses a damaged one, verify finds it, both say at which position the log would end, and it stays as it was', async () => {
  const file = await leftBy(manyCommits);
  const ends = commitFrames(readFileSync(`${file}-wal`));
  // In the commit of the fourth event; what was before it stands.
  const frame = (ends.at(-5) ?? 0) - 1;
  withFlip(file, headerBytes + (frame - 1) * frameBytes + 500, () => {
    const before = [file, `${file}-wal`].map((path) => readFileSync(path, 'latin1'));
    const message = expect.stringMatching(
      new RegExp(`frame ${frame} of its write-ahead log, at byte \\d+, .* without them the log ends at position 3\\.`),
    );
    expect(() => openSqliteStore(file)).toThrow(expect.objectContaining({ code: 'STORAGE_CORRUPT', message }));
    const inspection = openInspection(file);
    expect(inspection.integrity()).toEqual([{ code: 'FILE_DAMAGED', message }]);
    inspection.close();
    expect([file, `${file}-wal`].map((path) => readFileSync(path, 'latin1'))).toEqual(before);
  });
});

test('where all that made the log is lost, that is said too, and not that it is an old one', async () => {
  const file = await leftBy(manyCommits);
  withFlip(file, headerBytes + 100, () => {
    const words = { code: 'STORAGE_CORRUPT', message: expect.stringContaining('the log ends at position 0') };
    expect(() => openSqliteStore(file)).toThrow(expect.objectContaining(words));
    expect(() => openInspection(file)).toThrow(expect.objectContaining(words));
  });
});

test('frames of an earlier round of the write-ahead log are not taken for what comes after the last commit', async () => {
  const file = await leftBy(async (store) => {
    await manyCommits(store);
    await restarted(store);
    await store.append([newEvent('b-1')]);
  });
  const wal = readFileSync(`${file}-wal`);
  const [first = 0] = commitFrames(wal);
  expect(wal.length).toBeGreaterThan(headerBytes + first * frameBytes);
  expect(damageIn(file)).toBeUndefined();
  // Nor where its own last commit was cut off by a crash.
  withFlip(file, headerBytes + 30, () => expect(damageIn(file)).toBeUndefined());
  expect(await positionIn(file)).toBe(commits + 1);
});

test('frames of a transaction that was taken back are not taken for commits', async () => {
  const file = await leftBy(async (store) => {
    await manyCommits(store);
    const refused = store.transaction((transaction) => {
      // So that its pages are written before it ends.
      transaction.connection.pragma('cache_size = 2');
      for (let i = 0; i < 200; i += 1) transaction.append([newEvent('c-1', { data: JSON.stringify('z'.repeat(5_000)) })]);
      throw new Error('taken back');
    });
    await expect(refused).rejects.toThrow('taken back');
    await store.append([newEvent('b-1')]);
  });
  const wal = readFileSync(`${file}-wal`);
  expect(wal.length).toBeGreaterThan(headerBytes + ((commitFrames(wal).at(-1) ?? 0) + 50) * frameBytes);
  expect(damageIn(file)).toBeUndefined();
  expect(await positionIn(file)).toBe(commits + 1);
});

/** Has the next commit begin a new round: what is in the write-ahead log has gone into the main file. */
async function restarted(store: SqliteStore): Promise<void> {
  const db = store.openReader();
  db.pragma('query_only = OFF');
  db.pragma('wal_checkpoint(RESTART)');
  db.close();
}
