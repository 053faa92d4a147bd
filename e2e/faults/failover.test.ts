import { describe, expect, test } from 'vitest';
import { playFailover } from './failover.ts';
import { serverMissing } from './pgserver.ts';

const missing = serverMissing();
const title = 'a primary that is killed under load, and its standby promoted';

describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (skipped: ${missing})`, () => {
  test('loses no accepted command: servers go on by themselves, and what was under way is told so and takes effect once', async () => {
    const { findings, ...tally } = await playFailover({ seed: 20261130, writers: 8 });
    console.log(JSON.stringify(tally));
    expect(findings).toEqual([]);
    expect(tally.backMs).toBeLessThan(30_000);
    const { STORE_UNAVAILABLE: away = 0, OUTCOME_UNKNOWN: unknown = 0 } = tally.answers;
    expect(away + unknown).toBeGreaterThan(0);
  }, 300_000);

  test('is seen, for where commits do not wait for the standby they are lost', async () => {
    const { findings } = await playFailover({ seed: 20261130, writers: 8, isAsync: true });
    expect(findings.map(({ code }) => code)).toContain('ACKNOWLEDGED_LOST');
  }, 300_000);
});
