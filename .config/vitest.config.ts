import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** End-to-end tests that see no difference: their pages, engines or disks are the same either way. */
const sameEitherWay = [
  'e2e/composed/run.test.ts',
  'e2e/{backup,check,check.cli,composed,contract,dashboard,eventhistory,export,graphiql,journal,move,readstore,retention,shop.properties}.test.ts',
  'e2e/verify{,.cli,.file}.test.ts',
  'e2e/faults/{baddisk,checker,connections,dayswork,dump,facts,failover,fleet,folder,halfsent,injected,kills,pgbouncer,power,sameintent,standby,storedisk,storefaults,torn,versions,works}.test.ts',
  'e2e/simulation/simulation.test.ts',
];

/** Tests of what reads from snapshots of read tables. */
const readsLate = [
  'src/readtable/*/journal.test.ts',
  'src/schema/{budget,mutations,queries,subscriptions}.test.ts',
  'src/livestream/{iterate,lagging,livestream,tail}.test.ts',
  'src/server/compiled/corpus.test.ts',
];

/** What takes minutes: cuts, failovers and deployments of a PostgreSQL server that several of ours share, torn and injected writes, a move of a whole log, a page that is looked at, the services of an example. */
const campaigns = [
  'e2e/composed/run.test.ts',
  'e2e/faults/{baddisk,dayswork,failover,halfsent,injected,standby,storedisk,storefaults,torn,versions,works}.test.ts',
  'e2e/{dashboard,move,reactions,verify.cli}.test.ts',
];

/** End-to-end tests that know a server by its API alone, whatever it stands on. */
const onPostgres = ['e2e/{audits,badinput,eventsource,livestreams,reads,shop}.test.ts', 'e2e/clients/resume.test.ts'];

/** End-to-end tests under load, or by the clock, or in a browser, or through strace. */
const underLoad = [
  'e2e/{audits,badinput,eventsource,graphiql,livestreams,reads,shop}.test.ts',
  'e2e/{clients,simulation}/*.test.ts',
  'e2e/faults/{connections,disk,dump,facts,fleet,kills,pgbouncer,power,sameintent}.test.ts',
];

/** All cores: whoever waits for a process that it started leaves one of them idle. */
const onAllCores = { maxWorkers: '100%', sequence: { groupOrder: 1 } } as const;
/** After that, half of the cores, and the other half for the servers. */
const onHalf = { maxWorkers: '50%', sequence: { groupOrder: 2 } } as const;

export default defineConfig({
  // One copy of graphql: the one that Node itself resolves, as its dependents do. Vitest's own conditions would find another beside it.
  ssr: { resolve: { conditions: ['module-sync', 'node'] } },
  test: {
    environment: 'node',
    globalSetup: './.config/postgres.ts',
    // A process each, as better-sqlite3 and signals want it.
    pool: 'forks',
    // What they load, and the threads and servers that they start, is compiled once: where `varve` keeps it too.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { ...onAllCores, name: 'all', include: ['{src,e2e,docs}/**/*.test.ts'], exclude: [...underLoad, ...campaigns] },
      },
      { extends: true, test: { ...onHalf, name: 'load', include: underLoad } },
      // The same servers on PostgreSQL, whose log lives on when one of them is killed, and which several of them may share.
      { extends: true, test: { ...onHalf, name: 'postgres', include: onPostgres, env: { TEST_STORE: 'postgres' } } },
      // From here on: what `npm run test:more` runs beside the gate, for the gate has twenty minutes.
      { extends: true, test: { ...onHalf, name: 'campaigns', include: campaigns } },
      // The same reads, each answered a turn later, as by a store beyond a network.
      { extends: true, test: { ...onAllCores, name: 'late', include: readsLate, env: { TEST_LATE: '1' } } },
      // The same servers without what makes them fast: the answers are the same.
      {
        extends: true,
        test: { ...onHalf, name: 'plain', include: ['e2e/**/*.test.ts'], exclude: sameEitherWay, env: { VARVE_PLAIN: '1' } },
      },
    ],
  },
});
