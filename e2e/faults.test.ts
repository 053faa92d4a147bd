import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { VarveError } from '#base';
import { open } from '#shell';
import { shop } from '#shop';
import { databaseFile, withDatabase, writeLittleHistory } from './data-folder.ts';
import { runVarve, temporaryFolder } from './server-process.ts';
import { smallDisk, whyNoSmallDisk } from './small-disk.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

/** A data folder with a little history, which tests copy and break. */
const good = temporaryFolder();
beforeAll(() => writeLittleHistory(good.path));
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
      ...['varve.db', 'position 2', 'ProductAdded version 1', 'is damaged', 'no JSON', 'restore a backup'],
    ],
    [
      "an event's version of its shape is none",
      sql('UPDATE events SET schema_version = 0 WHERE position = 1'),
      ...['varve.db', 'position 1', 'UserRegistered version 0', 'versions begin with 1'],
    ],
    ['the first event is missing', sql('DELETE FROM events WHERE position = 1'), 'varve.db is damaged', '2 events up to position 3'],
    [
      'the first event stands at another position',
      sql('UPDATE events SET position = 0 WHERE position = 1'),
      ...['varve.db is damaged', 'its first event stands at position 0, not at 1', 'restore a backup'],
    ],
    [
      'the last event is missing',
      sql('DELETE FROM events WHERE position = 3'),
      ...['varve.db is damaged', 'its last event stands at position 2', '3 in changes, 3 in event_tags, 3 in commands', 'restore a backup'],
    ],
    [
      'all events are missing',
      sql('DELETE FROM events'),
      ...['varve.db is damaged', 'its last event stands at position 0', '3 in event_tags, 3 in commands'],
    ],
    [
      'the last event is missing, and a tag of it is there',
      sql('DELETE FROM events WHERE position = 3; DELETE FROM commands; DELETE FROM changes'),
      ...['varve.db is damaged', 'its last event stands at position 2', 'are named: 3 in event_tags; so'],
    ],
    [
      'the last event is missing, and its receipt is there',
      sql('DELETE FROM events WHERE position = 3; DELETE FROM event_tags; DELETE FROM changes'),
      ...['varve.db is damaged', 'its last event stands at position 2', 'are named: 3 in commands; so'],
    ],
    [
      'a read table was built of more events than there are',
      sql("UPDATE read_tables SET position = 7 WHERE name = 'orders'"),
      ...['varve.db is damaged', 'its last event stands at position 3', 'are named: 7 in read_tables; so'],
    ],
    [
      'a reaction has come further than there are events',
      sql("INSERT INTO reactions VALUES ('mail', 7)"),
      ...['varve.db is damaged', 'its last event stands at position 3', 'are named: 7 in reactions; so'],
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
    [
      'a table has lost its primary key',
      sql('ALTER TABLE commands RENAME TO old; CREATE TABLE commands AS SELECT * FROM old; DROP TABLE old'),
      ...['varve.db is damaged', 'table commands has another primary key', 'restore a backup'],
    ],
    ['an index is missing', sql('DROP INDEX events_type'), ...['varve.db is damaged', 'index events_type is missing', 'restore a backup']],
    [
      'an index lets in what it should keep out',
      sql('DROP INDEX events_stream_version; CREATE INDEX events_stream_version ON events (stream, version)'),
      ...['varve.db is damaged', 'index events_stream_version is another than Varve makes', 'restore a backup'],
    ],
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

test('start takes the tags that were stored, whatever the catalogue would give the same events today', async () => {
  using folder = temporaryFolder();
  cpSync(good.path, folder.path, { recursive: true });
  sql("UPDATE event_tags SET tag = 'sku:lantern' WHERE tag = 'product:lantern' AND position = 2")(folder.path);
  const engine = await open(shop, folder.path);
  const found = await Promise.all(['sku:lantern', 'product:lantern'].map((tag) => engine.log.read([{ tags: [tag] }])));
  expect(found.map((events) => events.map(({ position }) => position))).toEqual([[2], [3]]);
  await engine.close();
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
if (isRoot && noDisk) console.warn(`The test of a read-only disk is skipped: ${noDisk}.`);

test.skipIf(isRoot && noDisk !== undefined)('start fails where the folder cannot be written to', async () => {
  // Root writes where it likes, except on a disk that takes no writes.
  using place = isRoot ? smallDisk(4) : closableFolder();
  cpSync(good.path, place.path, { recursive: true });
  place.makeReadOnly();
  await refusesToStart(place.path, place.path, 'cannot be written to', 'DATA_FOLDER_NOT_WRITABLE');
});
