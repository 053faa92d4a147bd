import fs, { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockDataFolder } from './lock.ts';
import { prepareFolder } from './sqlite.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-file-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true });
});

describe('a data folder', () => {
  test('has one holder at a time, and says who', () => {
    const lock = lockDataFolder(folder, 'shop');
    expect(() => lockDataFolder(folder, 'other')).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_IN_USE', message: expect.stringContaining(`process ${process.pid} (shop)`) }),
    );
    lock.release();
    lock.release();
    lockDataFolder(folder, 'other').release();
  });

  test.each<[string, (name: string) => void]>([
    ['lock', (path) => writeFileSync(path, 'a letter to my aunt'.repeat(100))],
    ['lock', (path) => mkdirSync(path)],
    ['holder.json', (path) => mkdirSync(path)],
  ])('whose %s is something else says so, and is free afterwards (%#)', (name, make) => {
    const path = join(folder, name);
    make(path);
    expect(() => lockDataFolder(folder, 'shop')).toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_NOT_WRITABLE', message: expect.stringContaining(folder), hint: expect.any(String) }),
    );
    rmSync(path, { recursive: true });
    lockDataFolder(folder, 'shop').release();
  });

  test('is made with the folders that it lies in', () => {
    lockDataFolder(join(folder, 'not', 'there', 'yet'), 'shop').release();
  });

  test('is synced into each folder that it is made in: a power cut keeps what is acknowledged, and the way to it', () => {
    const done: string[] = [];
    const paths = new Map<number, string>();
    const [openSync, mkdirSync, fsyncSync] = [fs.openSync, fs.mkdirSync, fs.fsyncSync];
    vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
      const descriptor = openSync(...args);
      paths.set(descriptor, String(args[0]));
      return descriptor;
    });
    vi.spyOn(fs, 'mkdirSync').mockImplementation((path) => {
      done.push(`made ${path}`);
      mkdirSync(path);
      return undefined;
    });
    vi.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => {
      done.push(`synced ${paths.get(descriptor)}`);
      fsyncSync(descriptor);
    });
    syncBuiltinESMExports();
    const [outer, inner] = [join(folder, 'outer'), join(folder, 'outer', 'inner')];
    prepareFolder(inner);
    expect(done).toEqual([`made ${outer}`, `synced ${folder}`, `made ${inner}`, `synced ${outer}`]);
    prepareFolder(inner);
    expect(done).toHaveLength(4);
  });

  test.each([
    ['EINVAL', undefined],
    ['EIO', { code: 'DATA_FOLDER_NOT_WRITABLE', message: expect.stringContaining('EIO') }],
  ])('is made where the system syncs no folders, and not where the disk fails (%s)', (code, expected) => {
    vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      throw Object.assign(new Error(`${code}: fsync`), { code });
    });
    syncBuiltinESMExports();
    const make = () => prepareFolder(join(folder, 'new'));
    if (expected) expect(make).toThrow(expect.objectContaining(expected));
    else make();
    expect(existsSync(join(folder, 'new'))).toBe(true);
  });

  // Node would try for ever to make it there.
  test.skipIf(!existsSync('/proc/self'))('cannot be made where the system takes no folders (skipped where there is no /proc)', () => {
    expect(() => lockDataFolder('/proc/varve/data', 'shop')).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_NOT_WRITABLE' }));
  });
});
