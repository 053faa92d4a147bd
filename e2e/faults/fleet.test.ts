import { describe, expect, test } from 'vitest';
import { describePostgres, testUrl } from '../../src/eventstore/postgres/postgres.fixture.ts';
import { Fleet } from './fleet.ts';
import { playFleetKills } from './fleetkills.ts';
import { preloading } from './killpoint.ts';
import { type WorseStore, worse, worseStores } from './worsestores.ts';

const seed = 20261130;
/** Nothing is done to those who get to the end of a run: they are told of nothing. */
const unexplained: ReadonlySet<string> = new Set(['LOG_BUSY', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN']);

/** Two servers on one log, under writers who go from one to the other, until so much is sent. */
async function findingsOf(environment: (server: number) => Readonly<Record<string, string>>) {
  const store = testUrl();
  await using fleet = new Fleet({ seed, store, ways: [store, store], writers: 8, unexplained, environment });
  await fleet.begin();
  await fleet.answered(200, 10_000);
  return (await fleet.check(await fleet.finish())).findings;
}

describePostgres('two servers on one log', () => {
  test('of which any is killed at any instant, lose nothing, do nothing twice, and their live streams go on at the other', async () => {
    const { findings, ...tally } = await playFleetKills({ seed, store: testUrl(), kills: 4, writers: 8 });
    console.log(JSON.stringify(tally));
    expect(findings).toEqual([]);
    // Too little would be no check.
    for (const [what, least] of Object.entries({ accepted: 80, refused: 20, unknown: 0, reads: 40, messages: 60 }))
      expect(tally[what as 'accepted'], what).toBeGreaterThan(least);
  }, 300_000);

  test('whose clocks are ten minutes apart are one log', async () => {
    const clock = { OTHER_CLOCK: '-600000', NODE_OPTIONS: preloading('otherclock.ts') };
    expect(await findingsOf((server) => (server === 0 ? clock : {}))).toEqual([]);
  }, 200_000);

  describe('that', () => {
    const builds = Object.keys(worseStores) as WorseStore[];
    test.each(builds)(
      '%s are found out',
      async (build) => {
        const found = (await findingsOf(() => worse(build))).map(({ code }) => code);
        expect(found.filter((code) => worseStores[build].some((one) => one === code))).not.toEqual([]);
      },
      200_000,
    );
  });
});
