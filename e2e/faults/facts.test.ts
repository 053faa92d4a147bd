import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../server-process.ts';
import { noTrace, trace } from './strace.ts';

// What Varve stands on, shown of better-sqlite3 and SQLite alone: were one of these no longer so, what is built on it would be for nothing.

vi.setConfig({ testTimeout: 60_000 });

if (noTrace) console.warn(`Tests of what the disk is told are skipped: ${noTrace}.`);

const library = JSON.stringify(createRequire(import.meta.url).resolve('better-sqlite3'));

test('switched to a write-ahead log, better-sqlite3 says FULL and runs at NORMAL, unless FULL is set', () => {
  using folder = temporaryFolder();
  const open = () => new Database(join(folder.path, 'a.db'));
  const synchronous = (db: Database.Database) => db.pragma('synchronous', { simple: true });
  const [full, normal] = [2, 1];
  const db = open();
  db.pragma('journal_mode = WAL');
  const said = synchronous(db);
  db.exec('CREATE TABLE t (a)');
  expect([said, synchronous(db)]).toEqual([full, normal]);
  db.pragma('synchronous = FULL');
  db.exec('INSERT INTO t VALUES (1)');
  expect(synchronous(db)).toBe(full);
  db.close();
  // What was set is not kept in the file.
  const again = open();
  again.prepare('SELECT * FROM t').all();
  expect(synchronous(again)).toBe(normal);
  again.close();
});

describe.skipIf(noTrace)('of a hundred commits', () => {
  /** How often each kind of sync is called. */
  const syncsOf = (pragmas: readonly string[]) => {
    using folder = temporaryFolder();
    const script = `const db = require(${library})(process.argv[1]);
      for (const pragma of ${JSON.stringify(pragmas)}) db.pragma(pragma);
      db.exec('CREATE TABLE t (a)');
      const insert = db.prepare('INSERT INTO t VALUES (1)');
      for (let i = 0; i < 100; i++) insert.run();
      process.kill(process.pid, 'SIGKILL');`;
    const file = join(folder.path, 'trace');
    const watched = ['-f', '-o', file, '-e', 'trace=fsync,fdatasync,sync_file_range,msync'];
    spawnSync('strace', [...watched, process.execPath, '-e', script, join(folder.path, 'a.db')]);
    const calls = readFileSync(file, 'utf8').split('\n');
    return { fsync: calls.filter((line) => / fsync\(/.test(line)).length, other: calls.filter((line) => /sync_?\w+\(/.test(line)).length };
  };

  test('each is synced with FULL, by fsync and by nothing else', () => {
    const { fsync, other } = syncsOf(['journal_mode = WAL', 'synchronous = FULL']);
    expect(fsync).toBeGreaterThanOrEqual(100);
    expect(other).toBe(0);
  });

  test('hardly any is synced where only the write-ahead log is switched on', () => {
    expect(syncsOf(['journal_mode = WAL']).fsync).toBeLessThan(20);
  });
});

test('a bit flipped in the write-ahead log loses every later commit, and integrity_check is content', () => {
  using folder = temporaryFolder();
  const [file, copy] = [join(folder.path, 'a.db'), join(folder.path, 'b.db')];
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  db.exec('CREATE TABLE t (a)');
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  for (let i = 0; i < 1_000; i++) insert.run(i);
  for (const end of ['', '-wal']) cpSync(`${file}${end}`, `${copy}${end}`);
  db.close();
  const wal = readFileSync(`${copy}-wal`);
  const middle = Math.floor(wal.length / 2);
  wal.writeUInt8(wal.readUInt8(middle) ^ 1, middle);
  writeFileSync(`${copy}-wal`, wal);
  const found = new Database(copy);
  const rows = Number(found.prepare('SELECT count(*) FROM t').pluck().get());
  expect(rows).toBeGreaterThan(400);
  expect(rows).toBeLessThan(600);
  expect(found.pragma('integrity_check', { simple: true })).toBe('ok');
  found.close();
});

test.skipIf(noTrace)('a commit whose sync fails is answered with an error, and is there after a kill', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'a.db');
  const script = `const db = require(${library})(process.argv[1]);
    db.pragma('journal_mode = WAL'); db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE t (a)');
    const insert = db.prepare('INSERT INTO t VALUES (1)');
    insert.run();
    console.log('written');
    process.stdin.once('data', () => { try { insert.run(); console.log('written'); } catch (fault) { console.log(fault.code); } });`;
  const child = spawn(process.execPath, ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  try {
    expect(String(await once(child.stdout, 'data'))).toBe('written\n');
    await using _ = await trace(child.pid ?? 0, '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO');
    child.stdin.write('go on\n');
    expect(String(await once(child.stdout, 'data'))).toBe('SQLITE_IOERR_FSYNC\n');
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
  const found = new Database(file);
  expect(found.prepare('SELECT count(*) FROM t').pluck().get()).toBe(2);
  found.close();
});
