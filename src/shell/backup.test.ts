import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backup } from './backup.ts';
import { type Interruption, interruptions } from './interruption.ts';
import { house, switchLamp } from './lamps.fixture.ts';
import { open } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-backup-'));
const data = join(folder, 'data');
beforeAll(async () => {
  const { send, close } = await open(house, data);
  await send(switchLamp, { lampId: 'a', times: 1 });
  await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const never: Interruption = { check: () => {} };

test('says how far it is', async () => {
  const shown: unknown[] = [];
  const done = await backup(join(folder, 'one.db'), { data }, (one) => shown.push(one), never);
  expect(done).toMatchObject({ position: 1 });
  expect(shown).toEqual([
    { title: 'Copying', unit: 'pages', done: 0, total: done.bytes / 4096 },
    { title: 'Verifying', unit: 'events', done: 1, total: 1 },
  ]);
});

test.each([
  ['copies', 0],
  ['verifies', 1],
])('broken off while it %s, it leaves nothing', async (_, looksBefore) => {
  const stopped = new Error('stop');
  let looks = 0;
  const check = (): void => {
    if (looks === looksBefore) throw stopped;
    looks += 1;
  };
  await expect(backup(join(folder, 'two.db'), { data }, () => {}, { check })).rejects.toBe(stopped);
  expect(readdirSync(folder).filter((name) => name.startsWith('two'))).toEqual([]);
});

test('a signal breaks off what looks whether one came, in words', () => {
  const interruption = interruptions();
  interruption.check();
  process.emit('SIGTERM');
  expect(() => interruption.check()).toThrow(
    expect.objectContaining({ code: 'INTERRUPTED', message: expect.stringContaining('SIGTERM'), hint: expect.any(String) }),
  );
  process.emit('SIGINT');
});
