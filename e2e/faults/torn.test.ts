import { expect, test } from 'vitest';
import { unsynced } from './lives.ts';
import { noTrace } from './strace.ts';
import { openTorn, traceShop } from './torn.ts';

if (noTrace) console.warn(`Tests of torn and reordered writes are skipped: ${noTrace}.`);

const seed = 20_261_130;

test.skipIf(noTrace)(
  'whatever of unsynced writes is lost, torn or out of order, what was answered is there and nothing is half',
  { timeout: 120_000 },
  async () => {
    const steps = traceShop();
    const { states, accepted, faults } = await openTorn(steps, seed, 60);
    expect(faults).toEqual([]);
    expect(states).toBe(60);
    expect(accepted).toBeGreaterThan(60 * 20);
  },
);

test.skipIf(noTrace)('that is seen, for where commits are not synced what was answered is lost', { timeout: 120_000 }, async () => {
  const { faults } = await openTorn(traceShop(unsynced), seed, 60);
  expect(faults.join()).toMatch(/: lost \d+ of \d+/);
});
