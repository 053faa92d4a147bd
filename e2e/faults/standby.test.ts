import { describe, expect, test } from 'vitest';
import { serverMissing } from './pgserver.ts';
import { playStandby } from './standby.ts';

const missing = serverMissing();
const title = 'two servers that read from a standby';

describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (skipped: ${missing})`, () => {
  test('go on while it stands still, dies and is promoted: reads see what they demand, live streams lose nothing', async () => {
    const { findings, ...tally } = await playStandby({ seed: 20261130, writers: 8 });
    console.log(JSON.stringify(tally));
    expect(findings).toEqual([]);
    expect(tally.readsAfter).toBeGreaterThan(0);
  }, 400_000);
});
