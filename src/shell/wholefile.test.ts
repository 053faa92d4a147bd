import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wholeFile } from './wholefile.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-whole-'));
  file = join(folder, 'a.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string) => async (making: string) => {
  writeFileSync(making, text);
  // Not there by its name before it is whole.
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

test('a file gets its name when it is whole', async () => {
  expect(await wholeFile(file, write('new'))).toBeUndefined();
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['a.db'], 'new']);
});

test('work that fails leaves nothing behind, and a file that was there as it was', async () => {
  writeFileSync(file, 'old');
  const failing = new Error('no');
  const work = async (making: string) => {
    for (const end of ['', '-journal', '-wal']) writeFileSync(`${making}${end}`, 'half');
    throw failing;
  };
  await expect(wholeFile(file, work, { force: true })).rejects.toBe(failing);
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['a.db'], 'old']);
});

test('a file that is there is replaced where that is asked for alone, in one step', async () => {
  writeFileSync(file, 'old');
  await expect(wholeFile(file, write('new'))).rejects.toMatchObject({ code: 'FILE_EXISTS', hint: expect.stringContaining('--force') });
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(await wholeFile(file, write('new'), { force: true })).toBe('old');
  expect(readFileSync(file, 'utf8')).toBe('new');
});

test.each(['-wal', '-journal'])(
  'beside a database in use, or left by a crash (%s), nothing is written: it would be taken for its part',
  async (end) => {
    writeFileSync(`${file}${end}`, 'pages');
    await expect(wholeFile(file, write('new'), { force: true })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readdirSync(folder)).toEqual([`a.db${end}`]);
  },
);

test('the file that it must not be is not replaced, whatever it is called', async () => {
  const log = join(folder, 'varve.db');
  writeFileSync(log, 'log');
  linkSync(log, file);
  await expect(wholeFile(file, write('new'), { force: true, notThis: log })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  expect(readFileSync(log, 'utf8')).toBe('log');
});

test('what a killed process left is removed, and what a living one is making is not', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  const [dead, living] = [`a.db.part-${pid}`, `a.db.part-${process.ppid}`];
  for (const name of [dead, `${dead}-journal`, living, 'a.db.part-of-mine']) writeFileSync(join(folder, name), 'half');
  await wholeFile(file, write('new'));
  expect(readdirSync(folder).sort()).toEqual(['a.db', 'a.db.part-of-mine', living].sort());
});

test('where nothing can be written, it says so in words', async () => {
  const fault = { code: 'CANNOT_WRITE_FILE', message: expect.stringContaining(folder), hint: expect.any(String) };
  await expect(wholeFile(join(folder, 'not', 'there.db'), write('new'))).rejects.toMatchObject(fault);
  mkdirSync(file);
  await expect(wholeFile(file, write('new'), { force: true })).rejects.toMatchObject(fault);
  expect(readdirSync(folder)).toEqual(['a.db']);
});
