import { expect, test } from 'vitest';
import { playKills } from './kills.ts';

test('a server that is killed at any instant, under 32 writers, loses nothing, does nothing twice and shows nothing that was not', async () => {
  const { findings, ...tally } = await playKills({ seed: 20261130, kills: 25, writers: 32 });
  console.log(JSON.stringify(tally));
  expect(findings).toEqual([]);
  // Too little would be no check.
  expect(tally.kills).toBe(25);
  expect(Object.keys(tally.places).length).toBeGreaterThan(6);
  for (const [what, least] of Object.entries({ accepted: 1_000, refused: 100, unknown: 50, reads: 200, messages: 1_000 }))
    expect(tally[what as 'accepted'], what).toBeGreaterThan(least);
}, 300_000);
