import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { limits } from '#base';
import { newEvent } from '../events.fixture.ts';
import { Checkpoints, checkpoint, walBytes, walState } from './checkpoints.ts';
import { openConnection } from './connection.ts';
import { openBeside, openInThread, openSqliteStore, type SqliteStore } from './sqlite.ts';

const walBytesMax = 256 * 1024;
/** One commit of them takes less than the bound. */
const events = Array.from({ length: 20 }, () => newEvent('a-1', { data: JSON.stringify({ text: 'x'.repeat(2_000) }) }));
const large = newEvent('a-1', { data: JSON.stringify('x'.repeat(1_000_000)) });

function open(options: { readonly walBytesMax?: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'varve-wal-'));
  const file = join(folder, 'varve.db');
  const store = openSqliteStore(file, options);
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { file, store };
}

async function appendUntil(store: SqliteStore, isEnough: () => boolean, times: number): Promise<boolean> {
  for (let i = 0; i < times && !isEnough(); i++) await store.append(events);
  return isEnough();
}

it('a write-ahead log past its bound is cut back when nobody reads in it any more, and commits go on meanwhile', async () => {
  const { store } = open({ walBytesMax });
  await store.append(events);
  const reader = store.openReader();
  reader.exec('BEGIN; SELECT * FROM events');
  expect(await appendUntil(store, () => store.walBytes() > 4 * walBytesMax, 100)).toBe(true);
  const seen = reader.prepare('SELECT count(*) FROM events').pluck().get();
  expect(seen).toBe(events.length);
  reader.exec('COMMIT');
  await pause(limits.walCutPauseMs);
  await store.append([newEvent('a-2')]);
  expect(store.walBytes()).toBe(0);
  expect(store.position()).toBeGreaterThan(events.length * 4);
});

it('cutting it back waits only so long for whoever reads, and is not tried again for a while', async () => {
  const { file, store } = open({});
  await store.append(events);
  const [reader, db] = [store.openReader(), openConnection(file)];
  onTestFinished(() => void db.close());
  reader.exec('BEGIN; SELECT * FROM events');
  await store.append(events);
  const pragma = vi.spyOn(db, 'pragma');
  const checkpoints = new Checkpoints(file, { walBytesMax: 1 });
  /** How often it was tried until now. */
  const tries = () => pragma.mock.calls.filter(([source]) => source === 'wal_checkpoint(TRUNCATE)').length;
  const begun = performance.now();
  checkpoints.afterCommit(db);
  const triedMs = performance.now() - begun;
  // Where nothing is said, SQLite waits for 5 s, as commands do.
  expect([tries(), triedMs > 0.9 * limits.walCutWaitMs, triedMs < 20 * limits.walCutWaitMs]).toEqual([1, true, true]);
  checkpoints.afterCommit(db);
  expect(tries()).toBe(1);
  await pause(limits.walCutPauseMs);
  checkpoints.afterCommit(db);
  expect(tries()).toBe(2);
  expect(db.pragma('busy_timeout', { simple: true })).toBe(5_000);
  reader.exec('COMMIT');
});

it('so many pages of the write-ahead log are moved into the file by the commit that makes them so many, and not before', async () => {
  const { file, store } = open({});
  const db = openConnection(file);
  onTestFinished(() => void db.close());
  const states: ReturnType<typeof walState>[] = [];
  for (let commit = 0; commit < 100 && !states.some(({ moved }) => moved > 0); commit++) {
    await store.append([large]);
    states.push(walState(db));
  }
  const [before, after] = states.slice(-2);
  expect(before).toMatchObject({ moved: 0 });
  expect(before?.pages).toBeLessThan(limits.checkpointPages);
  expect(after?.moved).toBeGreaterThanOrEqual(limits.checkpointPages);
});

it.each([
  ['thread of its process is moved into the file', true],
  ['process is left to the one that has the log', false],
])('what is written beside the writer by another %s', async (_, isOpenHere) => {
  const { file, store } = open({});
  const beside = isOpenHere ? openInThread(file) : openBeside(file);
  await beside.transaction(({ connection }) => {
    const half = (limits.checkpointPages * Number(connection.pragma('page_size', { simple: true }))) / 2;
    connection.prepare('INSERT INTO reactions VALUES (hex(zeroblob(?)), 0)').run(half);
  });
  const reader = store.openReader();
  const { pages, moved } = walState(reader);
  expect(pages).toBeGreaterThanOrEqual(limits.checkpointPages);
  expect(moved).toBe(isOpenHere ? pages : 0);
  await beside.transaction(({ connection }) => void connection.exec("INSERT INTO reactions VALUES ('mail', 0)"));
  await beside.close();
  const left = walState(reader);
  expect([left.pages > 0, left.pages - left.moved]).toEqual([true, isOpenHere ? 0 : left.pages]);
});

it('a commit stays one where it cannot be told how large the write-ahead log is', () => {
  const unnameable = 'x'.repeat(5_000);
  expect(() => walBytes(unnameable)).toThrow('ENAMETOOLONG');
  const db = new Database(':memory:');
  expect(() => new Checkpoints(unnameable, {}).afterCommit(db)).not.toThrow();
  db.close();
});

/** A connection on which a checkpoint does all that it does, and then says that the write-ahead log could not be cut back. */
function failingToCut(file: string): Database.Database {
  const db = openConnection(file);
  const pragma = db.pragma.bind(db);
  db.pragma = (source, options) => {
    const answer = pragma(source, options);
    if (source === 'wal_checkpoint(TRUNCATE)') throw new Error('disk I/O error');
    return answer;
  };
  return db;
}

it('where all was moved, and only cutting the write-ahead log back failed, the file keeps what it has grown by', async () => {
  const { file, store } = open({});
  const sizeBefore = statSync(file).size;
  await store.append(events);
  const db = failingToCut(file);
  expect(walState(db)).toMatchObject({ moved: 0 });
  expect(() => checkpoint(db, 'TRUNCATE')).toThrow('disk I/O error');
  expect(statSync(file).size).toBeGreaterThan(sizeBefore);
  await store.append([newEvent('a-2')]);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.prepare('SELECT count(*) FROM events').pluck().get()).toBe(events.length + 1);
  db.close();
});

/** Two connections that read by turns: one begins before the other ends, so that somebody reads at every moment. */
const overlapping = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require('better-sqlite3');
  const [one, other] = [0, 1].map(() => new Database(workerData, { readonly: true }));
  const begin = (db) => db.exec('BEGIN; SELECT * FROM events LIMIT 1');
  let stopped = false;
  parentPort.once('message', () => (stopped = true));
  const turn = (reading, idle) => {
    begin(idle);
    reading.exec('COMMIT');
    if (!stopped) return setTimeout(turn, 5, idle, reading);
    one.close();
    other.close();
  };
  begin(one);
  parentPort.postMessage('reading');
  turn(one, other);
`;

it('where reads overlap without end, it is cut back all the same', async () => {
  const { store, file } = open({ walBytesMax });
  await store.append(events);
  const worker = new Worker(overlapping, { eval: true, workerData: file });
  await once(worker, 'message');
  // On a busy machine those who read may take longer than a try waits for them: then it grows until the next one.
  let largest = 0;
  const isCutBack = () => {
    const now = store.walBytes();
    largest = Math.max(largest, now);
    return now < largest;
  };
  const isEnough = await appendUntil(store, isCutBack, 2_000);
  worker.postMessage('stop');
  await once(worker, 'exit');
  expect(isEnough).toBe(true);
});

it("where reads overlap without end, SQLite's own checkpoints never cut it back", async () => {
  const { store } = open({ walBytesMax: Number.POSITIVE_INFINITY });
  // Whoever reads began before the last commit, however slow the machine is: so never is all of it moved.
  let [reading, idle] = [store.openReader(), store.openReader()];
  const begin = (db: Database.Database) => db.exec('BEGIN; SELECT 1 FROM events LIMIT 1');
  begin(reading);
  const sizes: number[] = [];
  for (let commit = 0; commit < 60; commit++) {
    await store.append([large]);
    sizes.push(store.walBytes());
    begin(idle);
    reading.exec('COMMIT');
    [reading, idle] = [idle, reading];
  }
  reading.exec('COMMIT');
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  expect(sizes.at(-1)).toBeGreaterThan(3 * limits.checkpointPages * 4_096);
});
