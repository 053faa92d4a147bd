/** `npm run bench commands`: every figure beside its baselines, measured in turns in the same run; medians over the rounds. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load, startProcess } from './processes.ts';
import { bareInserts } from './sqlite.ts';

const rounds = Number(process.env['ROUNDS'] ?? 3);
const seconds = Number(process.env['SECONDS'] ?? 5);
const mutation =
  'mutation($input: AddProductInput!, $options: CommandOptions) { addProduct(input: $input, options: $options) { __typename ... on ProductAccepted { position product { sku stock } } } }';
const body = JSON.stringify({
  query: mutation,
  variables: { input: { sku: 'b-#', name: 'Bench', price: '1.00', stock: 1 }, options: { commandId: 'bench-#' } },
});

interface Round {
  readonly echo: number;
  readonly http: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bare: number;
  readonly fresh: number;
  readonly hot: number;
}

interface Alone {
  readonly perSecond: number;
  readonly memory: readonly { readonly commands: number; readonly rssMiB: number; readonly heapMiB: number }[];
}

async function dispatcherAlone(...args: readonly string[]): Promise<Alone> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(import.meta.dirname, 'dispatcher.ts'), ...args]);
  return JSON.parse(stdout) as Alone;
}

async function round(run: number, folder: string, port: { readonly echo: number; readonly varve: number }): Promise<Round> {
  const plan = { connections: 64, seconds, body, run: `r${run}` };
  const echo = await load({ ...plan, port: port.echo, expect: '"sku"' });
  const http = await load({ ...plan, port: port.varve, expect: '"ProductAccepted"' });
  if (http.failed > 0) throw new Error(`${http.failed} mutations were not accepted`);
  const bare = bareInserts(folder, seconds);
  const fresh = await dispatcherAlone('new', String(seconds));
  const hot = await dispatcherAlone('hot', String(seconds));
  return {
    echo: echo.perSecond,
    http: http.perSecond,
    p50Ms: http.p50Ms,
    p99Ms: http.p99Ms,
    bare,
    fresh: fresh.perSecond,
    hot: hot.perSecond,
  };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function report(measured: readonly Round[]): void {
  const of = (name: keyof Round) => median(measured.map((one) => one[name]));
  const ofBare = (value: number) => `${(value / of('bare')).toFixed(3)} of the bare inserts`;
  const n = (value: number) => Math.round(value).toLocaleString('en');
  console.log(
    `Node ${process.versions.node}, ${cpus().length} cores; medians of ${rounds} rounds of ${seconds} s, in turns; 64 connections or in flight; synchronous=FULL\n`,
  );
  console.table([
    { what: 'bare node:http echo, requests/s', figure: n(of('echo')), ratio: '' },
    { what: 'durable mutations/s over HTTP', figure: n(of('http')), ratio: `${(of('http') / of('echo')).toFixed(3)} of the echo` },
    { what: '… p50, p99 in ms', figure: `${of('p50Ms').toFixed(1)}, ${of('p99Ms').toFixed(1)}`, ratio: '' },
    { what: 'bare prepared inserts, 64 a commit, commands/s', figure: n(of('bare')), ratio: '' },
    { what: 'dispatcher alone, a new product a command, commands/s', figure: n(of('fresh')), ratio: ofBare(of('fresh')) },
    { what: 'dispatcher alone, one of 1,000 products a command, commands/s', figure: n(of('hot')), ratio: ofBare(of('hot')) },
  ]);
}

const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'));
const echo = await startProcess('echo.ts');
const varve = await startProcess('../src/shell/varve.js', 'serve', '--port', '0', '--data', join(folder, 'data'));
try {
  await load({ port: varve.port, connections: 64, seconds: 2, body, run: 'warm', expect: '"ProductAccepted"' });
  const measured: Round[] = [];
  for (let run = 1; run <= rounds; run++) measured.push(await round(run, folder, { echo: echo.port, varve: varve.port }));
  report(measured);
  const commandsMax = process.env['MEMORY_COMMANDS'] ?? '500000';
  const { memory } = await dispatcherAlone('new', '0', commandsMax);
  console.log(`\nMemory of the dispatcher's process over ${commandsMax} commands`);
  console.table(memory);
} finally {
  await echo.stop();
  await varve.stop();
  rmSync(folder, { recursive: true });
}
