import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { openInspection } from './inspect.ts';
import { openSqliteStore } from './sqlite.ts';

const table = '/proc/locks';

/** The locks that this process has on a file: by them others see that it is in use. */
const locksOn = (file: string): number =>
  readFileSync(table, 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${statSync(file).ino} `)).length;

test.skipIf(!existsSync(table))(
  'a log that is looked at by the process that has it open stays locked by it (skipped where there is no /proc/locks)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-descriptor-'));
    const file = join(folder, 'varve.db');
    const store = openSqliteStore(file);
    await store.append([newEvent('a-1')]);
    const before = locksOn(file);
    expect(before).toBeGreaterThan(0);
    // As `verify` does, and a writer's thread that takes the place of another.
    openInspection(file).close();
    expect(locksOn(file)).toBe(before);
    await store.close();
    expect(locksOn(file)).toBe(0);
    rmSync(folder, { recursive: true });
  },
);
