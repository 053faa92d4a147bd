import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import type { Query } from '../port.ts';
import { checkFile } from './check.ts';
import { LogWriter } from './log.ts';
import { QueryReader } from './query.ts';
import { openSqliteStore } from './sqlite.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  return {
    ...base,
    limits: { ...base.limits, versionsCachedMax: 2, startCheckEventsMax: 2, startCheckBytesMax: 1_000, statementsCachedMax: 2 },
  };
});

/** The file of a log that has five events of one stream. */
async function written(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-limits-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = openSqliteStore(join(folder, 'varve.db'));
  await store.append(Array.from({ length: 5 }, () => newEvent('a-1')));
  await store.close();
  return join(folder, 'varve.db');
}

test('the last versions of so many streams are remembered: of others they are read', async () => {
  const asked: string[] = [];
  const db = new Database(await written(), { verbose: (text) => asked.push(String(text)) });
  onTestFinished(() => void db.close());
  const log = new LogWriter(db);
  /** Of which of these streams an append reads the version. */
  const readBy = (...streams: readonly string[]) => {
    asked.length = 0;
    const versions = log.append(streams.map((stream) => newEvent(stream))).map(({ version }) => version);
    return [versions, asked.flatMap((text) => /SELECT max\(version\).*'(.*)'/.exec(text)?.slice(1) ?? [])];
  };
  expect(readBy('a-1', 'b-1', 'a-1', 'b-1')).toEqual([[6, 1, 7, 2], ['a-1']]);
  expect(readBy('c-1', 'b-1')).toEqual([[1, 3], []]);
  expect(readBy('a-1', 'a-1')).toEqual([[8, 9], ['a-1']]);
});

test('so many statements are kept of queries: of others the next one prepares its own again', async () => {
  const db = new Database(await written());
  onTestFinished(() => void db.close());
  const reader = new QueryReader(db);
  const prepare = vi.spyOn(db, 'prepare');
  const queries: Readonly<Record<string, Query>> = { all: 'all', stream: [{ stream: 'a-1' }], type: [{ types: ['Happened'] }] };
  const prepared = (...names: readonly string[]) =>
    names.filter((name) => {
      prepare.mockClear();
      expect(reader.read(queries[name] ?? [])).toHaveLength(5);
      return prepare.mock.calls.length > 0;
    });
  expect(prepared('all', 'stream', 'all', 'type', 'all', 'stream')).toEqual(['all', 'stream', 'type', 'stream']);
});

test('of a file that is too large for it, start looks at the newest events alone', async () => {
  const file = await written();
  const damage = (position: number) => {
    const db = new Database(file);
    db.prepare("UPDATE events SET metadata = '{' WHERE position = ?").run(position);
    db.close();
  };
  damage(3);
  expect(checkFile(file)).toBe(true);
  damage(4);
  expect(() => checkFile(file)).toThrow(
    expect.objectContaining({ code: 'STORAGE_CORRUPT', message: expect.stringContaining('position 4') }),
  );
});
