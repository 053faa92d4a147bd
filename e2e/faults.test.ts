import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { VarveError } from '#base';
import { open } from '#shell';
import { addProduct, placeOrder, registerUser, shop } from '#shop';
import { codeOf } from './client.ts';
import { databaseFile, eventsOf, rebuiltRowsOf, rowsOf, withDatabase } from './data-folder.ts';
import { OrderDocument, OrdersDocument, PlaceOrderDocument } from './generated/graphql.ts';
import { orderOf, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';
import { smallDisk, whyNoSmallDisk } from './small-disk.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

/** A data folder with a little history, which tests copy and break. */
const good = temporaryFolder();
beforeAll(async () => {
  const engine = await open(shop, good.path);
  await engine.send(registerUser, { userId: 'ada', username: 'Ada' });
  await engine.send(addProduct, { sku: 'lantern', name: 'Lantern', price: '3.39', stock: 20 });
  await engine.send(placeOrder, { orderId: '1', userId: 'ada', lines: [{ sku: 'lantern', quantity: 2 }] });
  await engine.close();
});
afterAll(() => good[Symbol.dispose]());

/**
 * Every file of a folder and a hash of its bytes. Left out is what holds nothing: the lock, and what SQLite leaves beside a file that it has
 * only read.
 */
const contents = (folder: string) =>
  readdirSync(folder)
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
    .filter(({ name, bytes }) => bytes.length > 0 && name !== 'varve.db-shm')
    .map(({ name, bytes }) => [name, bytes.length, createHash('sha256').update(bytes).digest('hex')]);

/** Starts on a broken folder: it ends with 1, says the words, shows no stack and leaves every byte as it was. */
async function refusesToStart(folder: string, ...words: readonly string[]): Promise<void> {
  const before = contents(folder);
  const { code, out, err } = await runVarve('serve', '--port', '0', '--data', folder);
  expect([code, out]).toEqual([1, '']);
  for (const word of words) expect(err).toContain(word);
  expect(err).not.toMatch(/^\s+at /m);
  expect(contents(folder)).toEqual(before);
}

const sql = (statement: string) => (folder: string) => withDatabase(folder, (db) => db.exec(statement));
const bytes = (change: (was: Buffer) => Buffer | string) => (folder: string) =>
  writeFileSync(databaseFile(folder), change(readFileSync(databaseFile(folder))));
const anotherProgram = (folder: string) => {
  rmSync(databaseFile(folder));
  const db = new Database(databaseFile(folder));
  db.exec('CREATE TABLE contacts (name TEXT)');
  db.close();
};

type Broken = readonly [name: string, breakIt: (folder: string) => unknown, ...words: string[]];

describe('start fails, and touches nothing, where', () => {
  test.concurrent.for<Broken>([
    [
      'an event has a type that nobody knows',
      sql(
        `INSERT INTO events SELECT 4, 'e4', 'order-2', 1, 'OrderTeleported', 3, '{}', metadata, recorded_at, hash FROM events WHERE position = 3`,
      ),
      ...[
        'position 4',
        'OrderTeleported version 3',
        'no event of that name is known',
        'Start the version of the program that wrote it',
        'EVENT_UNKNOWN',
      ],
    ],
    ['the file is no database', bytes(() => 'a letter to my aunt'.repeat(100)), 'varve.db is no Varve log', 'does not begin as an SQLite'],
    ['the file is damaged', bytes((was) => was.fill(0xa5, 4096 * 3, 4096 * 8)), 'varve.db is damaged', 'quick_check', 'STORAGE_CORRUPT'],
  ])('%s', async ([, breakIt, ...words]) => {
    using folder = temporaryFolder();
    cpSync(good.path, folder.path, { recursive: true });
    breakIt(folder.path);
    await refusesToStart(folder.path, ...words);
  });

  // The same, without a process each.
  test.for<Broken>([
    [
      'an event was written by a newer version',
      sql('UPDATE events SET schema_version = 2 WHERE position = 3'),
      ...['position 3', 'OrderPlaced version 2', 'version 1 is the newest known', 'add the event or an upcaster for it'],
    ],
    [
      'an event has another shape',
      sql(`UPDATE events SET data = json_remove(data, '$.total') WHERE position = 3`),
      ...['position 3', 'OrderPlaced version 1', 'its data does not fit', 'total'],
    ],
    [
      "an event's data is no JSON",
      sql(`UPDATE events SET data = '{' WHERE position = 2`),
      'position 2',
      'ProductAdded version 1',
      'no JSON',
    ],
    ['an event is missing', sql('DELETE FROM events WHERE position = 2'), 'varve.db', '2 events up to position 3', 'restore a backup'],
    [
      "an event's metadata is no JSON",
      sql("UPDATE events SET metadata = '{' WHERE position = 2"),
      'varve.db is damaged',
      'position 2',
      'metadata',
    ],
    ["an event's metadata says nothing", sql("UPDATE events SET metadata = '{}' WHERE position = 2"), 'varve.db is damaged', 'position 2'],
    [
      "an event's moment is none",
      sql("UPDATE events SET recorded_at = 'abc' WHERE position = 3"),
      'varve.db is damaged',
      'position 3',
      'moment',
    ],
    [
      'a stream lacks a version',
      sql('UPDATE events SET version = 2 WHERE position = 3'),
      ...['varve.db is damaged', 'the stream order-1 has 1 events up to version 2'],
    ],
    ['a table is missing', sql('DROP TABLE commands'), 'varve.db is damaged', 'table commands is missing', 'restore a backup'],
    ['a column is missing', sql('ALTER TABLE events DROP COLUMN metadata'), 'varve.db is damaged', 'table events has no column metadata'],
    ['the list of migrations is missing', sql('DROP TABLE __drizzle_migrations'), 'varve.db is damaged', 'which migrations'],
    ['the file is empty', bytes(() => ''), 'varve.db is damaged', 'it is empty, which a log never is', 'restore a backup'],
    [
      'the file is gone, and its write-ahead log is not',
      (folder) => renameSync(databaseFile(folder), `${databaseFile(folder)}-wal`),
      ...['varve.db is damaged', 'it is gone', 'write-ahead log'],
    ],
    ["the file is another program's", anotherProgram, 'varve.db is no Varve log', 'SQLite database of another program'],
    ['the file was cut short', bytes((was) => was.subarray(0, 4096 * 9 + 7)), 'varve.db is damaged', 'restore a backup'],
    [
      'the file was migrated by a newer version',
      sql("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 99999999999999)"),
      ...['varve.db was migrated by a newer version', 'Start that version'],
    ],
  ])('%s', async ([, breakIt, ...words]) => {
    using folder = temporaryFolder();
    cpSync(good.path, folder.path, { recursive: true });
    breakIt(folder.path);
    const before = contents(folder.path);
    const fault: unknown = await open(shop, folder.path).catch((thrown: unknown) => thrown);
    for (const word of words) expect(fault instanceof VarveError && `${fault.message} ${fault.hint}`).toContain(word);
    expect(contents(folder.path)).toEqual(before);
    // The folder is free: the next start says the same, not that somebody holds it.
    await expect(open(shop, folder.path)).rejects.toThrow(expect.objectContaining({ message: expect.stringContaining(words[0] ?? '') }));
  });
});

/** A folder that its owner may close to writing. */
function closableFolder() {
  const { path, [Symbol.dispose]: remove } = temporaryFolder();
  const dispose = () => {
    chmodSync(path, 0o700);
    remove();
  };
  return { path, makeReadOnly: () => chmodSync(path, 0o500), [Symbol.dispose]: dispose };
}

const noDisk = whyNoSmallDisk();
const isRoot = process.getuid?.() === 0;
if (noDisk) console.warn(`Tests of a full disk${isRoot ? ' and of a read-only one' : ''} are skipped: ${noDisk}.`);

test.skipIf(isRoot && noDisk !== undefined)('start fails where the folder cannot be written to', async () => {
  // Root writes where it likes, except on a disk that takes no writes.
  using place = isRoot ? smallDisk(4) : closableFolder();
  cpSync(good.path, place.path, { recursive: true });
  place.makeReadOnly();
  await refusesToStart(place.path, place.path, 'cannot be written to', 'DATA_FOLDER_NOT_WRITABLE');
});

/** What a client hears of a full disk: not where it is. */
const diskIsFull = {
  message: 'The disk is full.',
  extensions: { code: 'STORAGE_FULL', retryable: true, hint: expect.any(String), correlationId: expect.any(String) },
};

/** What its operator hears, once for each command that was refused. */
function expectLoggedFaults(log: string, count: number): void {
  const lines = log.split('\n').filter((line) => line.includes('"level":50'));
  expect(lines).toHaveLength(count);
  for (const line of lines) expect(line).toMatch(/varve\.db: database or disk is full.*"code":"STORAGE_FULL"/);
}

test.skipIf(noDisk)('start on a full disk says so, and what helps', async () => {
  using disk = smallDisk(1);
  try {
    writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(2 * 1024 * 1024));
  } catch {
    // As full as it gets.
  }
  const data = join(disk.path, 'data');
  const { code, err } = await runVarve('serve', '--port', '0', '--data', data);
  expect([code, err]).toEqual([1, expect.stringMatching(/is full.*\nMake room on the disk.*\n\(STORAGE_FULL\)\n$/)]);
});

test.skipIf(noDisk).each(['a new log', 'a log that is there'])(
  'start of %s says that the disk is full, wherever in it the room ends',
  async (which) => {
    const outcomes: unknown[] = [];
    for (let roomKiB = 0; outcomes.at(-1) !== 'opened'; roomKiB += 16) {
      using disk = smallDisk(2);
      const data = join(disk.path, 'data');
      if (which !== 'a new log') cpSync(good.path, data, { recursive: true });
      const { bavail, bsize } = statfsSync(disk.path);
      writeFileSync(join(disk.path, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - roomKiB * 1024)));
      const opening = open(shop, data).then((engine) => engine.close());
      const outcome: unknown = await opening.then(
        () => 'opened',
        (fault: unknown) => fault,
      );
      if (outcome !== 'opened')
        expect(outcome).toMatchObject({
          code: 'STORAGE_FULL',
          message: expect.stringContaining(data),
          hint: expect.stringContaining('start again'),
        });
      outcomes.push(outcome);
    }
    expect(outcomes.length).toBeGreaterThan(1);
  },
);

test.skipIf(noDisk)('a full disk refuses commands, not reads, and takes commands again when there is room', async () => {
  using disk = smallDisk(8);
  const [data, ballast] = [join(disk.path, 'data'), join(disk.path, 'ballast')];
  writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024));
  await using server = await startServerProcess(data);
  const api = shopClient(server.url);
  await stockUp(server.url);
  const send = async (id: string) => {
    const { input, options } = orderOf(id);
    const lines = Array.from({ length: 1_000 }, () => ({ sku: 'lantern', quantity: 1 }));
    const answer = await api.ask(PlaceOrderDocument, { input: { ...input, lines }, options });
    const accepted = answer.data?.placeOrder.__typename === 'OrderAccepted';
    if (!accepted) expect(answer.errors?.[0]).toMatchObject(diskIsFull);
    return { id, accepted };
  };
  const sent: { id: string; accepted: boolean }[] = [];
  while (sent.every(({ accepted }) => accepted) && sent.length < 200)
    sent.push(...(await Promise.all(Array.from({ length: 4 }, (_, i) => send(`${sent.length + i}`)))));
  const acceptedIds = sent.filter(({ accepted }) => accepted).map(({ id }) => id);
  const refusedIds = sent.filter(({ accepted }) => !accepted).map(({ id }) => id);
  expect([acceptedIds.length, refusedIds.length].every((count) => count > 0)).toBe(true);

  expect(await api.position()).toBe(2 + acceptedIds.length);
  expect((await fetch(server.healthUrl)).status).toBe(200);
  expect(await api.stockOf('lantern')).toBe(1_000_000 - 1_000 * acceptedIds.length);
  expect((await api.data(OrdersDocument, { first: 1 })).orders.totalCount).toBe(acceptedIds.length);
  for (const orderId of refusedIds) expect((await api.data(OrderDocument, { orderId })).order).toBeNull();

  expectLoggedFaults(server.log(), refusedIds.length);
  rmSync(ballast);
  for (const { id } of sent) expect(await send(id)).toMatchObject({ accepted: true });
  expect(await api.stockOf('lantern')).toBe(1_000_000 - 1_000 * sent.length);
  expect(await api.position()).toBe(2 + sent.length);
  expect(codeOf(await api.ask(OrdersDocument, { first: 1 }))).toBeUndefined();
  expect(await server.end('SIGTERM')).toBe(0);

  using copy = temporaryFolder();
  cpSync(data, copy.path, { recursive: true });
  const events = eventsOf(copy.path);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
  expect(
    events
      .slice(2)
      .map(({ commandId }) => commandId)
      .sort(),
  ).toEqual(sent.map(({ id }) => id).sort());
  expect(rowsOf(copy.path)).toEqual(await rebuiltRowsOf(copy.path));
});
