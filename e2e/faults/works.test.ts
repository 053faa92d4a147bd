import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../server-process.ts';
import { type Given, givenIn, killedAmid, works } from './works.ts';

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
