import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { lockDataFolder } from '#eventstore';
import { house, switchLamp } from './lamps.fixture.ts';
import { open } from './open.ts';
import { logFile } from './place.ts';
import { rebuildWished } from './rebuilding.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  const nearer = {
    walBytesMax: 100 * 1024,
    walCutPauseMs: 1,
    rebuildBesideEventsMax: 5,
    rebuildBesideRowsBytesMax: 1,
    rebuildBesidePercentMax: 90,
  };
  return { ...base, limits: { ...base.limits, ...nearer } };
});

test('a rebuild beside a server that dies cuts the write-ahead log back in its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-rebuilding-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const engine = await open(house, folder);
  await Promise.all(Array.from({ length: 200 }, (_, i) => engine.send(switchLamp, { lampId: `lamp-${i}`, times: 1 })));
  await engine.close();

  const server = lockDataFolder(folder, 'the test');
  const sizes: number[] = [];
  const bytes = () => statSync(`${logFile(folder)}-wal`).size;
  const isPast = () => Math.max(...sizes) > 2 * limits.walBytesMax;
  let largestBeside = 0;
  const show = () => {
    sizes.push(bytes());
    if (largestBeside > 0 || !isPast()) return;
    largestBeside = Math.max(...sizes);
    sizes.length = 0;
    server.release();
  };
  const rebuilt = await rebuildWished(house, { folder }, { tables: [], key: undefined }, show, { check: () => {} });
  expect(rebuilt).toMatchObject({ position: 200, tables: ['lamps'] });
  // While the server is there it is its own to cut back.
  expect(largestBeside).toBeGreaterThan(2 * limits.walBytesMax);
  expect(Math.min(...sizes)).toBeLessThan(limits.walBytesMax);
  expect(sizes.filter((size) => size > 2 * limits.walBytesMax)).toEqual([]);
  // Nobody has the folder.
  lockDataFolder(folder, 'the test').release();
});
