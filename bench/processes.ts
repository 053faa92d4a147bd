import { execFile, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Load, Loaded } from './loader.ts';

const here = import.meta.dirname;

/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  /** Resident memory in MiB. */
  memoryMiB(): Promise<number>;
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** Starts a script that prints its address on its first line. */
export async function startProcess(script: string, ...args: readonly string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [`${here}/${script}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  // What it logs matters only where it does not start.
  let logged = '';
  child.stderr.on('data', (text) => {
    logged = `${logged}${text}`.slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  // Where a bench fails, nothing of it stays behind.
  const forget = () => child.kill();
  process.once('exit', forget);
  void ended.then(() => process.off('exit', forget));
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port === undefined) continue;
    return {
      port: Number(port),
      memoryMiB: async () => Number((await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)])).stdout) / 1024,
      stop: () => end('SIGTERM'),
      kill: () => end('SIGKILL'),
    };
  }
  throw new Error(`${script} ended before it said where it listens: ${logged}`);
}

/** Varve as it is served, on a data folder. */
export const startVarve = (folder: string): Promise<ServerProcess> =>
  startProcess('../src/shell/varve.js', 'serve', '--port', '0', '--data', folder);

/** Runs a script to its end; what it says last is its answer in JSON. */
export async function ask<Answer>(script: string, ...args: readonly string[]): Promise<Answer> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', `${here}/${script}`, ...args], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Answer;
}

/** Puts a load on a server from another process. */
export const load = (what: Load): Promise<Loaded> => ask('loader.ts', JSON.stringify(what));

/** When a file was last written, in ms; 0 where there is none. */
const writtenMs = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Puts the peers' packages into bench/peers, where they are not there yet, or are not those of its lock file any more. Says why, and answers false, where that cannot be done: then their
 * figures are left out.
 */
export async function peersInstalled(): Promise<boolean> {
  const folder = join(here, 'peers');
  if (writtenMs(join(folder, 'node_modules/.package-lock.json')) >= writtenMs(join(folder, 'package-lock.json'))) return true;
  console.log('Installing the peers into bench/peers …');
  try {
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
    return true;
  } catch (fault) {
    console.log(`The peers cannot be installed; their figures are left out: ${String(fault).slice(0, 500)}`);
    return false;
  }
}
