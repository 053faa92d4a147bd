/**
 * `npm run bench -- postgres`: durable mutations on PostgreSQL by one process and by two, and the dispatcher alone, beside pgbench's bare inserts of one row a transaction
 * on the same server; and how long a change takes from one process to a subscriber of another. The server is one of our own, or `VARVE_BENCH_POSTGRES`.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgres } from '../e2e/postgres-server.ts';
import { bounds } from './bounds.ts';
import type { Sent } from './dispatcher.ts';
import { type Bench, medians, print } from './figures.ts';
import { lag } from './lag.ts';
import { ask, load, type ServerProcess, startProcess } from './processes.ts';

const body = JSON.stringify({
  query:
    'mutation($input: AddProductInput!, $options: CommandOptions) { addProduct(input: $input, options: $options) { __typename ... on ProductAccepted { position product { sku stock } } } }',
  variables: { input: { sku: 'b-#', name: 'Bench', price: '1.00', stock: 1 }, options: { commandId: 'bench-#' } },
});

/** Where Debian and others put it; undefined: it is not there, and there is nothing to compare with. */
function pgbench(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  return ['/usr/bin/pgbench', ...versions.map((version) => `/usr/lib/postgresql/${version}/bin/pgbench`)].find((file) => existsSync(file));
}

/** Transactions a second of 64 clients, each a prepared insert of one row of some 300 bytes. */
async function bareInserts(url: string, program: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-pgbench-'));
  try {
    const script = join(folder, 'insert.sql');
    writeFileSync(script, `INSERT INTO bare (data) VALUES ('${'x'.repeat(300)}');\n`);
    const flags = ['-n', '-M', 'prepared', '-c', '64', '-j', '2', '-T', String(bounds.seconds), '-f', script, url];
    const { stdout } = await promisify(execFile)(program, flags);
    return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function administer(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

const serve = (url: string, log: string) => startProcess('../src/shell/varve.js', 'serve', '--port', '0', '--store', url, '--log', log);

async function mutations(servers: readonly ServerProcess[], run: string) {
  const each = servers.map(({ port }, i) =>
    load({ port, connections: 64 / servers.length, seconds: bounds.seconds, body, run: `${run}-${i}`, expect: '"ProductAccepted"' }),
  );
  const loaded = await Promise.all(each);
  const failed = loaded.reduce((sum, one) => sum + one.failed, 0);
  if (failed > 0) throw new Error(`${failed} answers are not as they should be`);
  return { perSecond: loaded.reduce((sum, one) => sum + one.perSecond, 0), p99Ms: Math.max(...loaded.map(({ p99Ms }) => p99Ms)) };
}

async function measure(url: string, program: string | undefined) {
  await administer(url, 'CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, data text)');
  const [one, two] = [await serve(url, 'bench'), await serve(url, 'bench')];
  try {
    await mutations([one], 'warm');
    await mutations([one, two], 'warm2');
    const rounds = [];
    for (let round = 0; round < bounds.rounds; round++) {
      const bare = program === undefined ? Number.NaN : await bareInserts(url, program);
      const byOne = await mutations([one], `one${round}`);
      const byTwo = await mutations([one, two], `two${round}`);
      const alone = await ask<Sent>('dispatcher.ts', 'new', String(bounds.seconds), url, `alone${round}`);
      const { p50Ms, p99Ms } = await lag(one, two, bounds.seconds);
      rounds.push({
        bare,
        one: byOne.perSecond,
        oneP99: byOne.p99Ms,
        two: byTwo.perSecond,
        alone: alone.perSecond,
        lagP50: p50Ms,
        lagP99: p99Ms,
      });
    }
    return medians(rounds);
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
}

/** Bare inserts, one process, two of them, the dispatcher, and a subscriber, in turns. */
export const bench: Bench = async () => {
  const given = process.env['VARVE_BENCH_POSTGRES'];
  const server = given === undefined ? await startPostgres('shared_buffers=256MB') : undefined;
  try {
    const program = pgbench();
    if (program === undefined) console.log('pgbench is not there: nothing is compared with it.');
    const { bare, one, oneP99, two, alone, lagP50, lagP99 } = await measure(given ?? server?.url ?? '', program);
    print('On PostgreSQL, 64 connections or commands in flight', [
      { what: 'pgbench, one bare insert a transaction', 'a second': bare, 'of pgbench': 1, 'p99, ms': '' },
      { what: 'mutations over HTTP, one process', 'a second': one, 'of pgbench': one / bare, 'p99, ms': oneP99 },
      { what: 'mutations over HTTP, two processes', 'a second': two, 'of pgbench': two / bare, 'p99, ms': '' },
      { what: 'the dispatcher alone', 'a second': alone, 'of pgbench': alone / bare, 'p99, ms': '' },
    ]);
    print('From a commit of one process to a subscriber of another, at 500 commands/s', [{ 'p50, ms': lagP50, 'p99, ms': lagP99 }]);
    console.log(`\nTwo processes ÷ one: ${(two / one).toFixed(2)}.`);
    return {};
  } finally {
    await server?.stop();
  }
};
