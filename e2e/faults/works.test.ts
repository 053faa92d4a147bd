import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../server-process.ts';
import { noTrace } from './strace.ts';
import { type Given, givenIn, killedAmid, killedAmidCheckpoint, works } from './works.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const place = temporaryFolder();
afterAll(() => place[Symbol.dispose]());
let given: Given;
beforeAll(async () => {
  given = await givenIn(place.path);
});

describe('killed amid its work, and done again, it has lost nothing and left nothing half', () => {
  test.each(Object.entries(works))('%s', async (_, work) => {
    expect(await killedAmid(work, given, work.amid)).toEqual({ wasKilled: true, findings: [] });
  });
});

if (noTrace) console.log(`a kill amid a checkpoint is skipped: ${noTrace}`);

test.skipIf(noTrace)('killed amid a checkpoint, between two writes to the file, it has lost nothing', async () => {
  expect(await killedAmidCheckpoint(given.left, 9)).toEqual({ wasKilled: true, findings: [] });
});
