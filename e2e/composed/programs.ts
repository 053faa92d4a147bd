import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { killWhole, serverUser, until } from '../faults/pgserver.ts';
import { tiedToUs } from '../server-process.ts';

/** What a program finds in its environment, beside where programs are. */
export type Environment = Readonly<Record<string, string>>;

/** A service that runs. */
export interface Running {
  /** Its process by itself; it ends with all that the process has started. */
  kill(): Promise<void>;
  /** As `docker stop` does: it is told to end, and killed where it does not. */
  stop(): Promise<void>;
}

const names = ['haproxy', 'initdb', 'openssl', 'pg_basebackup', 'pg_ctl', 'pg_isready', 'postgres', 'psql'];
const byVersion = new Intl.Collator('en', { numeric: true }).compare;
/** The newest PostgreSQL's first: Debian has wrappers elsewhere, which choose one by themselves. */
const folders = [
  ...globSync('/usr/lib/postgresql/*/bin').sort(byVersion).reverse(),
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
];
const found = names.map((name) => folders.find((folder) => existsSync(join(folder, name))));
const path = [...new Set(found), process.env['PATH']].join(delimiter);

/** Why the services cannot be run here; undefined where they can. */
export function programsMissing(): string | undefined {
  const absent = names.filter((_, i) => found[i] === undefined);
  if (absent.length > 0) return `there is no ${absent.join(', ')}`;
  return process.getuid?.() === 0 && serverUser() === undefined
    ? 'PostgreSQL does not run as root, and there is no user postgres'
    : undefined;
}

const settingsOf = (environment: Environment) => ({ cwd: '/', env: { ...environment, PATH: path }, ...serverUser() });
const runWaitMs = 30_000;
const stopWaitMs = 10_000;

/** Runs a program to its end. Throws, with what it has said, where it fails or does not end. */
export async function execute(program: string, words: readonly string[], environment: Environment, cwd = '/'): Promise<void> {
  await promisify(execFile)(program, words, { ...settingsOf(environment), cwd, timeout: runWaitMs, killSignal: 'SIGKILL' });
}

/** Starts a program that serves, and waits until it does. Throws what it has said where it ends instead. */
export async function serving(
  program: string,
  words: readonly string[],
  environment: Environment,
  isThere: () => Promise<boolean>,
  signal: NodeJS.Signals,
): Promise<Running> {
  const child = tiedToUs(spawn(program, words, { ...settingsOf(environment), stdio: ['ignore', 'ignore', 'pipe'] }));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-10_000);
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ended: ${said}`);
  });
  // It may end when it likes, later.
  ended.catch(() => undefined);
  const running = { kill: () => killWhole(child), stop: () => stopped(child, signal) };
  try {
    await Promise.race([ended, until(isThere)]);
  } catch (fault) {
    await running.kill();
    throw fault;
  }
  return running;
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const late = setTimeout(() => void killWhole(child), stopWaitMs);
  const exit = once(child, 'exit');
  if (child.kill(signal)) await exit;
  clearTimeout(late);
}
