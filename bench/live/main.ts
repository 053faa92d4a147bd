/** `npm run bench -- live`: what live streams cost, each figure beside its baselines, measured in turns in the same run; medians over the rounds. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { bounds } from '../bounds.ts';
import { type Bench, median } from '../figures.ts';
import { inFolder } from '../folders.ts';
import { ask, load, type ServerProcess, startProcess, startVarve } from '../processes.ts';
import { type Crowd, post, startCrowd } from './crowd.ts';

const { rounds, seconds } = bounds;
const manyOrders = Number(process.env['ORDERS'] ?? Math.min(5_000, bounds.events / 10));

const hot = JSON.stringify({ query: 'subscription { orderChanged(orderId: "o-0") { kind position order { status username } } }' });
const change = (name: string) =>
  JSON.stringify({
    query: 'mutation($u: String!) { changeUsername(input: { userId: "u-0", username: $u }) { __typename } }',
    variables: { u: name },
  });
let stamps = 0;
/** The time, and a number that no other change has: a user who keeps the name has not changed. */
const stamp = () => `@${Date.now()}-${++stamps}`;

/** One of the servers that are compared, and how a change is made there. */
interface Contestant {
  readonly name: string;
  readonly server: ServerProcess;
  readonly change: (text: string) => Promise<void>;
}

const n = (value: number) => Math.round(value).toLocaleString('en');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Deliveries a second where the next change is made when the one before has reached everyone. */
async function mostDeliveries(crowd: Crowd, { server, change: make }: Contestant, readers: number): Promise<number> {
  await crowd.open(server.port, Array<string>(readers).fill(hot));
  await pause(300);
  await crowd.report();
  const started = performance.now();
  let changes = 0;
  for (; performance.now() - started < seconds * 1000; changes += 1) {
    const all = crowd.received(readers);
    await make(stamp());
    await all;
  }
  const perSecond = (changes * readers) / ((performance.now() - started) / 1000);
  await crowd.close();
  return perSecond;
}

/** How long messages are under way at 20 changes a second, from the sending of the command to the last reader. */
async function delaysAt20(crowd: Crowd, { server, change: make }: Contestant, readers: number) {
  await crowd.open(server.port, Array<string>(readers).fill(hot));
  await pause(500);
  await crowd.report();
  const changes = seconds * 20;
  const started = performance.now();
  const made: Promise<void>[] = [];
  for (let i = 0; i < changes; i++) {
    await pause(Math.max(0, started + i * 50 - performance.now()));
    made.push(make(stamp()));
  }
  await Promise.all(made);
  await pause(1_500);
  const report = await crowd.report();
  const memoryMiB = await server.memoryMiB();
  await crowd.close();
  return { ...report, lost: changes * readers - report.messages, memoryMiB };
}

async function fill(port: number): Promise<void> {
  await post(
    port,
    JSON.stringify({ query: 'mutation { addProduct(input: {sku: "p", name: "P", price: "1", stock: 1000000}) { __typename } }' }),
    'Accepted',
  );
  const query =
    'mutation($u: ID!, $n: String!, $o: ID!) { registerUser(input: {userId: $u, username: $n}) { __typename } placeOrder(input: {orderId: $o, userId: $u, lines: [{sku: "p", quantity: 1}]}) { __typename } }';
  for (let i = 0; i < manyOrders; i += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, j) =>
        post(port, JSON.stringify({ query, variables: { u: `u-${i + j}`, n: `name-${i + j}`, o: `o-${i + j}` } }), 'OrderAccepted'),
      ),
    );
}

/** Commands of 64 connections, each of which changes one of many orders, with and without a reader of each order. */
async function manyReaders(crowd: Crowd, port: number, run: string) {
  // The loader's number names the order too: `#` is made unique by the run, so orders are chosen by the server's own list of users.
  const body = JSON.stringify({
    query: 'mutation($u: ID!, $n: String!) { changeUsername(input: {userId: $u, username: $n}) { __typename } }',
    variables: { u: 'u-%', n: 'name-#' },
  });
  const plan = { port, connections: 64, seconds, body, expect: 'UserAccepted', modulo: manyOrders };
  const alone = await load({ ...plan, run: `${run}a` });
  const bodies = Array.from({ length: manyOrders }, (_, i) =>
    JSON.stringify({
      query: 'subscription($o: ID!) { orderChanged(orderId: $o) { position order { username } } }',
      variables: { o: `o-${i}` },
    }),
  );
  await crowd.open(port, bodies);
  await pause(500);
  const watched = await load({ ...plan, run: `${run}b` });
  await crowd.close();
  if (alone.failed + watched.failed > 0) throw new Error('Some mutations were refused.');
  return { alone: alone.perSecond, watched: watched.perSecond };
}

/** Memory that one idle reader costs, in KiB: all of one order, and each of its own. */
async function memoryOfIdle(crowd: Crowd, server: ServerProcess, bodies: readonly string[]): Promise<number> {
  const before = await server.memoryMiB();
  await crowd.open(server.port, bodies);
  await pause(1_000);
  const after = await server.memoryMiB();
  await crowd.close();
  await pause(500);
  return ((after - before) * 1024) / bodies.length;
}

function contestantsOf(bare: ServerProcess, varve: ServerProcess, yoga: ServerProcess): readonly Contestant[] {
  return [
    { name: 'bare node:http', server: bare, change: (text) => post(bare.port, text, 'data') },
    { name: 'Varve', server: varve, change: (text) => post(varve.port, change(text), 'UserAccepted') },
    {
      name: 'stock Yoga, createPubSub',
      server: yoga,
      change: (text) =>
        post(yoga.port, JSON.stringify({ query: `mutation { changeUsername(username: ${JSON.stringify(text)}) }` }), 'done'),
    },
  ];
}

async function measure(folder: string): Promise<void> {
  const bare = await startProcess('live/bare.ts');
  const yoga = await startProcess('live/yoga.ts');
  const varve = await startVarve(join(folder, 'data'));
  const crowd = startCrowd();
  try {
    const idle = await startProcess('live/bare.ts');
    const own = Array.from({ length: manyOrders }, (_, i) => hot.replace('o-0', `o-${i}`));
    const bareIdle = await memoryOfIdle(crowd, idle, own);
    await idle.stop();
    await fill(varve.port);
    const varveIdleOwn = await memoryOfIdle(crowd, varve, own);
    const contestants = contestantsOf(bare, varve, yoga);
    const most = new Map(contestants.map(({ name }) => [name, [] as number[]]));
    const delays: Record<string, unknown>[] = [];
    const many: { alone: number; watched: number }[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const one of contestants) most.get(one.name)?.push(await mostDeliveries(crowd, one, 2_000));
      for (const readers of [2_000, 5_000])
        for (const one of contestants.slice(0, 2))
          delays.push({ round, name: one.name, readers, ...(await delaysAt20(crowd, one, readers)) });
      many.push(await manyReaders(crowd, varve.port, `r${round}`));
    }
    console.log(`Node ${process.versions.node}, ${cpus().length} cores; ${rounds} rounds of ${seconds} s, in turns\n`);
    const bareMost = median(most.get('bare node:http') ?? []);
    console.log('Deliveries a second, 2,000 SSE readers of one order, the next change when everyone has the last');
    console.table(
      [...most].map(([name, values]) => ({ name, 'deliveries/s': n(median(values)), 'of bare': (median(values) / bareMost).toFixed(2) })),
    );
    console.log('At 20 changes a second: from the command being sent to each reader having it');
    console.table(delays);
    console.log(`Commands/s over HTTP, 64 connections, ${manyOrders} orders`);
    const [alone, watched] = [median(many.map((one) => one.alone)), median(many.map((one) => one.watched))];
    console.table([{ 'without readers': n(alone), 'with a reader of each': n(watched), ratio: (watched / alone).toFixed(3) }]);
    console.log('Memory of an idle SSE reader, KiB');
    console.table([{ bare: n(bareIdle), 'Varve, each of its own order': n(varveIdleOwn) }]);
  } finally {
    crowd.end();
    for (const server of [bare, yoga, varve]) await server.stop();
  }
  const events = process.env['CATCH_UP_EVENTS'] ?? String(bounds.events);
  const caughtUp = await ask<Record<string, number>>('live/catchup.ts', events);
  console.log(`Catch-up of events(after: 0) over ${n(Number(events))} events, out of the hub`);
  console.table([caughtUp]);
}

/** What live streams cost. */
export const bench: Bench = async () => {
  await inFolder(measure);
  return {};
};
