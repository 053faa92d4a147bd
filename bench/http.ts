/**
 * `npm run bench -- http`: durable mutations over HTTP, beside a bare echo of the same requests and the peers, which store nothing; and at 1 to 512
 * connections. Then the server is killed under load, and what it left is checked.
 */
import { join } from 'node:path';
import { mutation as body } from './answer.ts';
import { bounds } from './bounds.ts';
import { checked } from './checked.ts';
import { type Bench, medians, print } from './figures.ts';
import { inFolder } from './folders.ts';
import type { Acknowledged } from './ids.ts';
import type { Loaded } from './loader.ts';
import { load, peersInstalled, type ServerProcess, startProcess, startVarve } from './processes.ts';

const connectionsMeasured = [1, 8, 64, 512];

/** One of the servers that are compared. */
interface Contestant {
  readonly name: string;
  readonly server: ServerProcess;
  /** Text that every answer has. */
  readonly expect: string;
}

/** What one contestant did at so many connections, in one round. */
interface Run {
  readonly name: string;
  readonly connections: number;
  readonly loaded: Loaded;
}

async function start(folder: string): Promise<readonly Contestant[]> {
  const contestants: Contestant[] = [
    { name: 'bare node:http echo', server: await startProcess('echo.ts'), expect: '"sku"' },
    { name: 'Varve, durable', server: await startVarve(folder), expect: '"ProductAccepted"' },
    { name: 'stock Yoga, no store', server: await startProcess('yoga.ts'), expect: '"ProductAccepted"' },
  ];
  if (!(await peersInstalled())) return contestants;
  try {
    const server = await startProcess('peers/mercurius.ts');
    return [...contestants, { name: 'Mercurius with JIT, no store', server, expect: '"ProductAccepted"' }];
  } catch (fault) {
    console.log(`Mercurius cannot be run: ${String(fault).slice(0, 300)}`);
    return contestants;
  }
}

/** Everybody at 64 connections; at the other numbers, those whose cost is to grow no faster than the echo's. */
async function measure(contestants: readonly Contestant[], told: (run: Run, prefix: string) => void): Promise<void> {
  for (let round = 1; round <= bounds.rounds; round++)
    for (const connections of connectionsMeasured)
      for (const { name, server, expect } of connections === 64 ? contestants : contestants.slice(0, 2)) {
        const run = `${connections}r${round}`;
        const loaded = await load({ port: server.port, connections, seconds: bounds.seconds, body, run, expect });
        if (loaded.failed > 0) throw new Error(`${name}: ${loaded.failed} of ${loaded.answered} answers are not as they should be`);
        told({ name, connections, loaded }, `bench-${run}-`);
      }
}

/** Ends the server in the middle of a load, as a crash would; answers the ids of the commands that it had acknowledged. */
async function crash(server: ServerProcess): Promise<readonly string[]> {
  const plan = { port: server.port, connections: 64, seconds: 10, body, run: 'crash', expect: '"ProductAccepted"', untilGone: true };
  const loading = load(plan);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await server.kill();
  return (await loading).acknowledged.map((number) => `bench-crash-${number}`);
}

function rowsOf(runs: readonly Run[]) {
  const all = (name: string, connections: number) => {
    const loaded = runs.filter((run) => run.name === name && run.connections === connections).map((run) => run.loaded);
    return medians(loaded.map(({ perSecond, p50Ms, p99Ms }) => ({ perSecond, p50Ms, p99Ms })));
  };
  const [echo = '', varve = ''] = new Set(runs.map(({ name }) => name));
  const at64 = [...new Set(runs.map(({ name }) => name))].map((name) => {
    const { perSecond, p50Ms, p99Ms } = all(name, 64);
    return { what: name, 'requests/s': perSecond, 'p50, ms': p50Ms, 'p99, ms': p99Ms, 'of the echo': perSecond / all(echo, 64).perSecond };
  });
  const growing = connectionsMeasured.map((connections) => {
    const [bare, durable] = [all(echo, connections), all(varve, connections)];
    return {
      connections: String(connections),
      echo: bare.perSecond,
      'echo p99, ms': bare.p99Ms,
      mutations: durable.perSecond,
      'p50, ms': durable.p50Ms,
      'p99, ms': durable.p99Ms,
      'of the echo': durable.perSecond / bare.perSecond,
    };
  });
  return { at64, growing };
}

async function measureIn(folder: string) {
  const contestants = await start(folder);
  const varve = contestants[1]?.server;
  const acknowledged: Acknowledged[] = [];
  const runs: Run[] = [];
  try {
    for (const { server, expect } of contestants) {
      const { answered: count } = await load({
        port: server.port,
        connections: 64,
        seconds: Math.min(2, bounds.seconds),
        body,
        run: 'warm',
        expect,
      });
      if (server === varve) acknowledged.push({ prefix: 'bench-warm-', count });
    }
    await measure(contestants, (run, prefix) => {
      runs.push(run);
      if (run.name.startsWith('Varve')) acknowledged.push({ prefix, count: run.loaded.answered });
    });
    const memoryMiB = (await varve?.memoryMiB()) ?? Number.NaN;
    if (varve) acknowledged.push(await crash(varve));
    return { ...rowsOf(runs), acknowledged, memoryMiB };
  } finally {
    for (const { server } of contestants) await server.stop();
  }
}

/** The servers in turns. */
export const bench: Bench = () =>
  inFolder(async (folder) => {
    const data = join(folder, 'data');
    const { at64, growing, acknowledged, memoryMiB } = await measureIn(data);
    print('The same mutation over HTTP, 64 connections', at64);
    print('Durable mutations/s at a number of connections, beside the bare echo', growing);
    const { events, acknowledged: count, rows } = await checked(data, acknowledged);
    console.log(
      `\nChecked, after the server was killed under load: ${count} acknowledged commands are there once, ${events} events without a gap, ${rows} rows as a rebuild makes them. The server then stood at ${Math.round(memoryMiB)} MiB.`,
    );
    const of = (name: string) => at64.find(({ what }) => what.startsWith(name))?.['requests/s'] ?? Number.NaN;
    const p99 = at64.find(({ what }) => what.startsWith('Varve'))?.['p99, ms'] ?? Number.NaN;
    return { mutations: of('Varve') / of('bare'), yoga: of('Varve') / of('stock Yoga'), p99 };
  });
