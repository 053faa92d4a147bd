/**
 * `npm run bench -- postgres`: durable mutations on PostgreSQL by one process and by two, and the dispatcher alone, beside pgbench's bare inserts of one row a
 * transaction and Emmett's command handler; a row by its id beside PostGraphile on the same table; and how long a change takes from one process to a subscriber of
 * another. All of them on one server, in turns.
 */
import { limits } from '#base';
import { mutation } from './answer.ts';
import { bounds } from './bounds.ts';
import { administer, inDatabase } from './database.ts';
import type { Sent } from './dispatcher.ts';
import { type Asked, type Bench, medians, print, printAsked } from './figures.ts';
import type { Lag } from './lag.ts';
import { post } from './live/crowd.ts';
import { bareInserts, bareTable, pgbenchProgram } from './pgbench.ts';
import { ask, load, peersInstalled, type ServerProcess, startProcess } from './processes.ts';

const productsAsked = 1_000;
const queryOf = (field: string, type: string) =>
  JSON.stringify({
    query: `query($sku: ${type}!) { product: ${field}(sku: $sku) { sku name price stock unitsSold version } }`,
    variables: { sku: 'p-%' },
  });

const asked = {
  ofPgbench: { what: 'mutations/s over HTTP, one process ÷ pgbench', least: 0.5, reach: 1 },
  ofEmmett: { what: "… ÷ Emmett's command handler", least: 5, reach: 5 },
  twoOfOne: { what: 'two processes ÷ one', least: 0.75, reach: 1 },
  told: { what: 'p99 to a subscriber of another process', least: 50, reach: 50, isCost: true, unit: 'ms' },
  ofPostGraphile: { what: 'queries/s of a row by id ÷ PostGraphile', least: 2, reach: 2 },
  alone: { what: 'the dispatcher alone ÷ pgbench', least: 0.8, reach: 0.8 },
} as const satisfies Readonly<Record<string, Asked>>;

const serve = (url: string, log: string) => startProcess('../src/shell/varve.js', 'serve', '--port', '0', '--store', url, '--log', log);

/** Who is measured. A log is served by those alone that are measured on it: whoever else served it would take in what they write, and be part of the figure. */
interface Servers {
  readonly one: ServerProcess;
  readonly two: readonly [ServerProcess, ServerProcess];
  /** On the tables of the log that `one` serves; undefined where it cannot be run. */
  readonly postGraphile: ServerProcess | undefined;
}

const mutations = (servers: readonly ServerProcess[], run: string) => loaded({ servers, run, body: mutation, expect: '"ProductAccepted"' });

const queries = (server: ServerProcess | undefined, field: string, type: string) =>
  server && loaded({ servers: [server], run: 'q', body: queryOf(field, type), expect: '"sku":"p-' });

interface Loading {
  readonly servers: readonly ServerProcess[];
  readonly run: string;
  readonly body: string;
  readonly expect: string;
}

/** 64 connections of one load generator, parted among the servers. */
async function loaded({ servers, ...what }: Loading) {
  const answers = await load({
    port: servers.map(({ port }) => port),
    connections: 64,
    seconds: bounds.seconds,
    modulo: productsAsked,
    ...what,
  });
  if (answers.failed > 0) throw new Error(`${answers.failed} answers are not as they should be`);
  return answers;
}

/** Commands a second by the better of two pools: as many connections as pg opens of itself, and one a command. */
async function emmett(url: string, run: string): Promise<number> {
  const byPool: number[] = [];
  for (const connections of ['10', '64'])
    byPool.push((await ask<Sent>('peers/emmett-postgres.ts', url, String(bounds.seconds), `${run}-${connections}`, connections)).perSecond);
  return Math.max(...byPool);
}

/** What a peer comes to; undefined, with a word about why, where it cannot be run. */
async function ofPeer<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
  if (!(await peersInstalled())) return undefined;
  try {
    return await work();
  } catch (fault) {
    console.log(`${name} cannot be run: ${String(fault).slice(0, 300)}`);
    return undefined;
  }
}

async function fill({ port }: ServerProcess): Promise<void> {
  const add = (sku: string) => post(port, mutation.replace('b-#', sku).replace('bench-#', sku), '"ProductAccepted"');
  for (let i = 0; i < productsAsked; i += 100) await Promise.all(Array.from({ length: 100 }, (_, j) => add(`p-${i + j}`)));
}

async function measureRound(url: string, { one, two, postGraphile }: Servers, round: number) {
  const [program, { seconds }] = [pgbenchProgram(), bounds];
  const bare = program === undefined ? Number.NaN : await bareInserts(url, program, seconds);
  const byOne = await mutations([one], `one${round}`);
  const byTwo = await mutations(two, `two${round}`);
  // While they are warm, and before the database has to clean up after the peers.
  const lag = await ask<Lag>('lag.ts', ...two.map(({ port }) => String(port)), String(seconds), `r${round}`);
  const { perSecond: alone } = await ask<Sent>('dispatcher.ts', 'new', String(seconds), url, `alone${round}`);
  const byEmmett = (await ofPeer('Emmett', () => emmett(url, `r${round}`))) ?? Number.NaN;
  const read = await queries(one, 'product', 'ID');
  const readByPeer = await queries(postGraphile, 'productBySku', 'String');
  return {
    bare,
    one: byOne.perSecond,
    oneP99: byOne.p99Ms,
    two: byTwo.perSecond,
    twoP99: byTwo.p99Ms,
    alone,
    emmett: byEmmett,
    read: read?.perSecond ?? Number.NaN,
    readP99: read?.p99Ms ?? Number.NaN,
    peer: readByPeer?.perSecond ?? Number.NaN,
    peerP99: readByPeer?.p99Ms ?? Number.NaN,
    lagRate: lag.perSecond,
    answeredP50: lag.answered.p50Ms,
    answeredP99: lag.answered.p99Ms,
    toldP50: lag.told.p50Ms,
    toldP99: lag.told.p99Ms,
  };
}

type Figures = Awaited<ReturnType<typeof measureRound>>;

async function measure(url: string): Promise<Figures> {
  await administer(url, bareTable);
  const one = await serve(url, 'single');
  const two = [await serve(url, 'pair'), await serve(url, 'pair')] as const;
  await fill(one);
  const connections = String(limits.storeReadersMax);
  const postGraphile = await ofPeer('PostGraphile', () => startProcess('peers/postgraphile.ts', url, 'single', connections));
  try {
    // Code is warm before it is measured.
    await mutations([one], 'warm');
    await mutations(two, 'warm');
    await queries(one, 'product', 'ID');
    await queries(postGraphile, 'productBySku', 'String');
    const rounds: Figures[] = [];
    for (let round = 0; round < bounds.rounds; round++) rounds.push(await measureRound(url, { one, two, postGraphile }, round));
    return medians(rounds);
  } finally {
    await Promise.all([one, ...two, postGraphile].map((server) => server?.stop()));
  }
}

function printFigures(figures: Figures): void {
  const { bare, one, two, emmett, read, peer } = figures;
  const row = (what: string, perSecond: number, p99Ms: number | '' = '') => ({
    what,
    'a second': perSecond,
    'of pgbench': perSecond / bare,
    'p99, ms': p99Ms,
  });
  print('On PostgreSQL, 64 connections or commands in flight', [
    row('pgbench, one bare insert a transaction', bare),
    row('mutations over HTTP, one process', one, figures.oneP99),
    row('mutations over HTTP, two processes', two, figures.twoP99),
    row('the dispatcher alone', figures.alone),
    row("Emmett's command handler, no HTTP", emmett),
  ]);
  print('One row by id, one of 1,000, over HTTP, 64 connections', [
    { what: 'Varve', 'a second': read, 'p99, ms': figures.readP99 },
    { what: 'PostGraphile 5, the same table', 'a second': peer, 'p99, ms': figures.peerP99 },
  ]);
  print(`From a command's sending to one process, at ${Math.round(figures.lagRate)} commands/s`, [
    { what: 'until that process has answered', 'p50, ms': figures.answeredP50, 'p99, ms': figures.answeredP99 },
    { what: 'until a subscriber of another is told', 'p50, ms': figures.toldP50, 'p99, ms': figures.toldP99 },
  ]);
  printAsked([
    [asked.ofPgbench, one / bare],
    [asked.ofEmmett, one / emmett],
    [asked.twoOfOne, two / one],
    [asked.told, figures.toldP99],
    [asked.ofPostGraphile, read / peer],
    [asked.alone, figures.alone / bare],
  ]);
}

/** Everybody in turns. */
export const bench: Bench = async () => {
  if (pgbenchProgram() === undefined) console.log('pgbench is not there: nothing is compared with it.');
  printFigures(await inDatabase(measure));
  return {};
};
