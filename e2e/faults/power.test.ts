import { expect, test } from 'vitest';
import { unsynced } from './lives.ts';
import { whyNoLoopDisk } from './loopdisk.ts';
import { cutPower } from './power.ts';

const noDisk = whyNoLoopDisk();
if (noDisk) console.warn(`Tests of power cuts are skipped: ${noDisk}.`);

const seed = 20_261_130;

test.skipIf(noDisk)(
  'no accepted command is lost, and none is there twice or in part, whenever the power is cut',
  { timeout: 180_000 },
  async () => {
    const { faults, ...tally } = await cutPower({ seed, cuts: 25 });
    console.log('power cuts:', JSON.stringify(tally));
    expect(faults).toEqual([]);
    expect(tally).toMatchObject({ cuts: 25, lost: 0 });
    // Else nothing was under way.
    expect(tally.accepted).toBeGreaterThan(500);
  },
);

test.skipIf(noDisk)('that is seen, for without a sync each commit they are lost', { timeout: 60_000 }, async () => {
  const { lost, faults, cuts } = await cutPower({ seed, cuts: 10, settings: unsynced });
  expect(lost, `in ${cuts} cuts`).toBeGreaterThan(0);
  expect(faults.join()).toMatch(/^cut \d: lost \d+ of \d+/);
});
