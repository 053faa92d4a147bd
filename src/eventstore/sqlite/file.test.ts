import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '#base';
import { newEvent } from '../events.fixture.ts';
import { positionsAhead } from './content.ts';
import { openInspection } from './inspect.ts';
import { selection } from './query.ts';
import { openSqliteReader } from './reader.ts';
import { openSqliteStore } from './sqlite.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-file-'));
  file = join(folder, 'varve.db');
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true });
});

/** A log of some events, closed again. */
async function written(count = 3): Promise<void> {
  const store = openSqliteStore(file);
  await store.append(Array.from({ length: count }, () => newEvent('a-1', { tags: ['x:1'] })));
  await store.close();
}

describe('a log in a file', () => {
  test('is there again when it is opened again', async () => {
    await written();
    const store = openSqliteStore(file);
    expect([await store.position(), await store.version('a-1')]).toEqual([3, 3]);
    expect((await store.append([newEvent('a-1')])).map(({ position, version }) => [position, version])).toEqual([[4, 4]]);
    await store.close();
  });

  test('tells the first event of each type and version of its shape, and no other', async () => {
    const store = openSqliteStore(file);
    const shapes = [
      ['B', 2],
      ['A', 1],
      ['B', 2],
      ['B', 1],
      ['A', 1],
      ['C', 7],
      ['B', 3],
      ['A', 2],
    ] as const;
    await store.append(shapes.map(([type, schemaVersion]) => newEvent('a-1', { type, schemaVersion })));
    expect(store.firstOfEachShape().map(({ position, type, schemaVersion }) => [position, type, schemaVersion])).toEqual([
      [1, 'B', 2],
      [2, 'A', 1],
      [4, 'B', 1],
      [6, 'C', 7],
      [7, 'B', 3],
      [8, 'A', 2],
    ]);
    await store.close();
  });

  test('syncs every commit, on each connection', async () => {
    const store = openSqliteStore(file);
    const reader = store.openReader();
    const writer = await store.transaction(({ connection }) => ({
      journal: connection.pragma('journal_mode', { simple: true }),
      synchronous: connection.pragma('synchronous', { simple: true }),
    }));
    expect(writer).toEqual({ journal: 'wal', synchronous: 2 });
    expect(reader.pragma('synchronous', { simple: true })).toBe(2);
    expect(() => reader.exec('DELETE FROM events')).toThrow();
    await store.close();
  });

  test('has so much memory for its pages, on each connection', async () => {
    const store = openSqliteStore(file);
    const inspection = openInspection(file);
    const writer = await store.transaction(({ connection }) => connection);
    // A number of KiB where it is below 0, of pages where it is not.
    const sizes = [writer, store.openReader(), inspection.db].map((db) => db.pragma('cache_size', { simple: true }));
    expect(sizes).toEqual(Array(3).fill(-limits.pageCacheKiB));
    inspection.close();
    await store.close();
  });

  test('that is full says so in words for clients, and names itself to the log alone', async () => {
    const store = openSqliteStore(file);
    await store.transaction(({ connection }) => connection.pragma(`max_page_count = ${connection.pragma('page_count', { simple: true })}`));
    const fault: unknown = await store.append([newEvent('a-1', { data: JSON.stringify('x'.repeat(100_000)) })]).catch((thrown) => thrown);
    expect(fault).toMatchObject({ code: 'STORAGE_FULL', message: 'The disk is full.', retryable: true });
    expect(fault).toHaveProperty('cause.message', `${file}: database or disk is full`);
    expect([await store.position(), (await store.append([newEvent('a-1')]))[0]?.position]).toEqual([0, 1]);
    await store.close();
  });

  test('keeps what it acknowledged when its process is killed', () => {
    const script = `
      import { openSqliteStore } from ${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))};
      import { writeSync } from 'node:fs';
      const store = openSqliteStore(${JSON.stringify(file)});
      const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
      for (let i = 1; i <= 500; i++) {
        const [event] = await store.append([{ eventId: 'e' + i, stream: 'a-1', type: 'Happened', schemaVersion: 1, data: '{}', tags: [], metadata, recordedAt: new Date() }]);
        writeSync(1, event.position + '\\n');
        if (i === 137) process.kill(process.pid, 'SIGKILL');
      }`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
      encoding: 'utf8',
      cwd: process.cwd(),
    });
    expect(signal).toBe('SIGKILL');
    const acknowledged = stdout.trim().split('\n').map(Number);
    const store = openSqliteStore(file);
    expect([acknowledged.at(-1), store.position()]).toEqual([137, 137]);
    return store.close();
  });

  test.each([
    ['a stream', [{ stream: 'a-1', types: ['Happened'] }]],
    ['a tag', [{ tags: ['x:1'], types: ['Happened'] }]],
    ['two tags', [{ tags: ['x:1', 'y:1'] }]],
    ['a type', [{ types: ['Happened'] }]],
    ['several items', [{ stream: 'a-1' }, { tags: ['x:1'] }]],
    [
      'many tags',
      [
        { tags: ['x:1'], types: ['Happened'] },
        { tags: ['x:2'], types: ['Happened'] },
      ],
    ],
    ['many streams', [{ stream: 'a-1' }, { stream: 'a-2' }]],
  ])('finds by %s through an index', async (_, query) => {
    await written();
    const db = new Database(file);
    const { text, values } = selection(query, 0);
    const plan = db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
      .all(...values)
      .map(({ detail }) => detail);
    db.close();
    expect(plan.filter((detail) => /^SCAN (events|t|o)\b/.test(detail))).toEqual([]);
  });
});

describe('a file that cannot be opened', () => {
  const untouched = (make: () => void, expected: Readonly<Record<string, unknown>>) => {
    make();
    const before = readFileSync(file);
    expect(() => openSqliteStore(file)).toThrow(expect.objectContaining(expected));
    expect(readFileSync(file).equals(before)).toBe(true);
  };
  const other = (sql: string, after: (db: Database.Database) => void = () => {}) => {
    const db = new Database(file);
    db.exec(sql);
    after(db);
    db.close();
  };

  test('is no database', () =>
    untouched(() => writeFileSync(file, 'a letter to my aunt'.repeat(100)), { code: 'NOT_A_LOG', message: expect.stringContaining(file) }));

  test('is a folder', () => {
    mkdirSync(file);
    expect(() => openSqliteStore(file)).toThrow(
      expect.objectContaining({ code: 'NOT_A_LOG', message: `${file} is no Varve log: it is no file.` }),
    );
  });

  test("is another program's database", () =>
    untouched(() => other('CREATE TABLE contacts (name TEXT)'), {
      code: 'NOT_A_LOG',
      message: expect.stringContaining('another program'),
    }));

  test('is damaged', async () => {
    await written(2_000);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096 * 3, 4096 * 6);
    untouched(() => writeFileSync(file, bytes), { code: 'STORAGE_CORRUPT', message: expect.stringContaining(file) });
  });

  test('has lost an event', async () => {
    await written();
    untouched(() => other('DELETE FROM events WHERE position = 2'), {
      code: 'STORAGE_CORRUPT',
      message: expect.stringContaining('2 events up to position 3'),
    });
  });

  test('has lost its last event: of a large log, what is written of read tables tells', async () => {
    await written();
    other("INSERT INTO read_tables VALUES ('things', 'hash', 0, 0, 0); INSERT INTO changes VALUES ('things', 3, 'a', NULL)");
    const db = new Database(file, { readonly: true });
    expect([2, 3].flatMap((last) => [positionsAhead(db, last, false), positionsAhead(db, last, true)])).toEqual([
      'its last event stands at position 2, and later ones are named: 3 in changes; so some are missing',
      'its last event stands at position 2, and later ones are named: 3 in changes, 3 in event_tags; so some are missing',
      undefined,
      undefined,
    ]);
    db.close();
  });

  test('has damage in an old event, which is met when it is read', async () => {
    await written();
    other("UPDATE events SET metadata = '{' WHERE position = 2");
    const reader = openSqliteReader(file);
    expect(() => reader.read('all')).toThrow(
      expect.objectContaining({ code: 'STORAGE_CORRUPT', message: 'The event at position 2 is damaged: its metadata is no JSON.' }),
    );
    await reader.close();
  });

  test('was being made when the process was killed, and is made anew', async () => {
    writeFileSync(`${file}.new`, 'half of it');
    await written();
    expect(readdirSync(folder).filter((name) => name.includes('.new'))).toEqual([]);
  });

  test('has a journal of a transaction that was not ended, as a restored backup may, and is what it was before', async () => {
    await written();
    const copy = join(folder, 'copy.db');
    const db = new Database(file);
    db.pragma('journal_mode = DELETE');
    // So that its pages are written before it ends.
    db.pragma('cache_size = 2');
    db.exec('BEGIN; DELETE FROM events WHERE position = 3; CREATE TABLE more (a)');
    const insert = db.prepare('INSERT INTO more VALUES (?)');
    for (let i = 0; i < 50; i++) insert.run('x'.repeat(4_000));
    for (const end of ['', '-journal']) cpSync(`${file}${end}`, `${copy}${end}`);
    db.exec('ROLLBACK');
    db.close();
    const store = openSqliteStore(copy);
    expect(store.position()).toBe(3);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'varve.db']);
  });

  test('was migrated by a newer version', async () => {
    await written();
    untouched(() => other("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 99999999999999)"), { code: 'LOG_TOO_NEW' });
  });

  test.skipIf(process.getuid?.() === 0)('lies in a folder that cannot be written to (as root every folder can: skipped there)', () => {
    mkdirSync(join(folder, 'shut'));
    chmodSync(join(folder, 'shut'), 0o500);
    expect(() => openSqliteStore(join(folder, 'shut', 'varve.db'))).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_NOT_WRITABLE' }));
  });

  test('lies where a file is in the way of the folder', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openSqliteStore(join(folder, 'file', 'varve.db'))).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_NOT_WRITABLE' }));
  });
});
