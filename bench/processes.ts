import { execFile, spawn } from 'node:child_process';
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
}

/** Starts a script that prints its address on its first line. */
export async function startProcess(script: string, ...args: readonly string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [`${here}/${script}`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port === undefined) continue;
    return {
      port: Number(port),
      memoryMiB: async () => Number((await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(child.pid)])).stdout) / 1024,
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }
  throw new Error(`${script} ended before it said where it listens`);
}

/** Puts a load on a server from another process. */
export async function load(what: Load): Promise<Loaded> {
  const { stdout } = await promisify(execFile)(process.execPath, [`${here}/loader.ts`, JSON.stringify(what)]);
  return JSON.parse(stdout) as Loaded;
}
