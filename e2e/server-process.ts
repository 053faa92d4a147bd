import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A program that serves until it is told to end. Killed at the latest when it is disposed of. */
interface ServingProcess extends AsyncDisposable {
  /** The address in its first line: where `varve serve` has GraphQL. */
  readonly url: string;
  readonly pid: number;
  /** All that it has said on standard output. */
  out(): string;
  /** What it has logged. */
  log(): string;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<unknown>;
  /** Sends a signal and answers the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** A server as an operator starts it: a process of its own, on a real folder and port. */
export interface ServerProcess extends ServingProcess {
  /** Where `/health` is. */
  readonly healthUrl: string;
}

/** How a command of the CLI ended, and what it said. */
export interface Ended {
  /** null where it had to be killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Whether servers are started on PostgreSQL: the vitest project `postgres`. */
const onPostgres = process.env['TEST_STORE'] === 'postgres';

/** What npm's `varve` starts. */
export const varve = join(import.meta.dirname, '../src/shell/varve.js');
const runWaitMs = 50_000;

/** Runs a command of the CLI to its end; one that does not end is killed. */
export function runVarve(...args: readonly string[]): Promise<Ended> {
  return run(process.execPath, varve, ...args);
}

/** Runs any program to its end; one that does not end is killed. */
export async function run(program: string, ...args: readonly string[]): Promise<Ended> {
  const child = tiedToUs(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: runWaitMs, killSignal: 'SIGKILL' }));
  const out = textOf(child.stdout);
  const err = textOf(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out(), err: err() };
}

/** Starts `varve serve`, on a free port unless `PORT` names one, and waits until it says where. */
export async function startServerProcess(data: string, environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  return withHealth(await startServing([varve, 'serve', ...storeFlags(data)], { PORT: '0', ...environment }));
}

/** Where a server keeps what a test knows by a folder: there or, where tests are run over PostgreSQL, in a log there that has its name. */
function storeFlags(data: string): readonly string[] {
  if (!onPostgres) return ['--data', data];
  const url = process.env['VARVE_TEST_POSTGRES'];
  if (url === undefined) {
    console.log(`On a data folder instead, for there is no PostgreSQL: ${process.env['VARVE_TEST_POSTGRES_MISSING']}`);
    return ['--data', data];
  }
  return [
    '--store',
    url,
    '--log',
    `${process.env['VARVE_TEST_LOGS'] ?? 'e2e_'}${data
      .replaceAll(/[^a-zA-Z0-9]/g, '')
      .toLowerCase()
      .slice(-20)}`,
  ];
}

/** The same by `npm start`, as the README has it: signals go to npm. */
export async function startByNpm(data: string): Promise<ServerProcess> {
  const root = join(import.meta.dirname, '..');
  return withHealth(
    await servingOf(spawn('npm', ['start', '--', '--port', '0', '--data', data], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })),
  );
}

const withHealth = (server: ServingProcess): ServerProcess => ({ ...server, healthUrl: new URL('/health', server.url).href });

/** Starts a script that serves and waits until it says where. */
export function startServing(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<ServingProcess> {
  return servingOf(spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } }));
}

async function servingOf(started: ChildProcessByStdio<null, Readable, Readable>): Promise<ServingProcess> {
  const child = tiedToUs(started);
  const [out, log] = [textOf(child.stdout), textOf(child.stderr)];
  // Only when its pipes are closed too has all been read that it said.
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code, by] = await closed;
    return code ?? by;
  };
  const [url] = /http:\/\/\S+/.exec(await firstLine(child, out, log)) ?? [];
  if (url === undefined || child.pid === undefined) throw new Error(`no address in ${out()}`);
  return { url, pid: child.pid, out, log, ended: closed, end, [Symbol.asyncDispose]: async () => void (await end('SIGKILL')) };
}

/** A folder of its own for one test, gone at its end. */
export function temporaryFolder(parent = tmpdir()): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(parent, 'varve-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** No child outlives the tests, however they end. */
export function tiedToUs<Child extends ChildProcess>(child: Child): Child {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return child;
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function firstLine(child: ChildProcess, out: () => string, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      // npm says first what it runs.
      const line = out().match(/^.*http:.*$/m)?.[0];
      if (line !== undefined) resolve(line);
    });
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${log()}`)));
  });
}
