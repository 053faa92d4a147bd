import { defineConfig } from 'vitest/config';

/** End-to-end tests that see no difference: their pages, engines or disks are the same either way. */
const sameEitherWay = [
  'e2e/{backup,check,check.cli,composed,composedrun,contract,dashboard,eventhistory,export,graphiql,journal,move,readstore,retention,shop.properties}.test.ts',
  'e2e/verify{,.cli,.file}.test.ts',
  'e2e/faults/{baddisk,checker,dump,facts,failover,fleet,folder,injected,kills,power,sameintent,standby,storefaults,torn,works}.test.ts',
  'e2e/simulation/simulation.test.ts',
];

/** Tests of what reads from snapshots of read tables. */
const readsLate = [
  'src/readtable/*/journal.test.ts',
  'src/schema/{budget,mutations,queries,subscriptions}.test.ts',
  'src/livestream/{iterate,lagging,livestream,tail}.test.ts',
  'src/server/compiled/corpus.test.ts',
];

/** What takes minutes: cuts, kills and failovers of a PostgreSQL server that several of ours share, torn and injected writes, a move of a whole log, a page that is looked at. */
const campaigns = [
  'e2e/faults/{baddisk,dump,failover,fleet,injected,standby,storefaults,torn,works}.test.ts',
  'e2e/{composedrun,dashboard,move,reactions,verify.cli}.test.ts',
];

/** End-to-end tests that know a server by its API alone, whatever it stands on. */
const onPostgres = ['e2e/{reads,shop}.test.ts', 'e2e/clients/resume.test.ts'];
const onPostgresMore = ['e2e/{audits,badinput,eventsource,livestreams}.test.ts'];

export default defineConfig({
  // One copy of graphql: the one that Node itself resolves, as its dependents do. Vitest's own conditions would find another beside it.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    environment: 'node',
    globalSetup: './.config/postgres.ts',
    // A process each, as better-sqlite3 and signals want it; and half of the cores for the servers that tests start.
    pool: 'forks',
    maxWorkers: '50%',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      { extends: true, test: { name: 'all', include: ['src/**/*.test.ts', 'e2e/**/*.test.ts', 'docs/**/*.test.ts'], exclude: campaigns } },
      // From here on: what `npm run test:more` runs beside the gate, for the gate has twenty minutes.
      { extends: true, test: { name: 'campaigns', include: campaigns } },
      // The same reads, each answered a turn later, as by a store beyond a network.
      { extends: true, test: { name: 'late', include: readsLate, env: { TEST_LATE: '1' } } },
      // The same servers on PostgreSQL, whose log lives on when one of them is killed, and which several of them may share.
      { extends: true, test: { name: 'postgres', include: onPostgres, env: { TEST_STORE: 'postgres' } } },
      { extends: true, test: { name: 'postgres-more', include: onPostgresMore, env: { TEST_STORE: 'postgres' } } },
      // The same servers without what makes them fast: the answers are the same.
      { extends: true, test: { name: 'plain', include: ['e2e/**/*.test.ts'], exclude: sameEitherWay, env: { VARVE_PLAIN: '1' } } },
    ],
  },
});
