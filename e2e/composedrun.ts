import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Composed, clusterFolder, composed } from './composed.ts';
import { serverUser } from './faults/cluster.ts';
import { asked } from './faults/database.ts';
import { freePort } from './postgres-server.ts';
import { startServing, temporaryFolder, tiedToUs, varve } from './server-process.ts';

/** The services of the compose file, each a process of this machine. */
export interface RunningComposed extends AsyncDisposable {
  /** GraphQL, at the proxy. */
  readonly url: string;
  /** The primary's database, and the standby's. */
  readonly urls: readonly [primary: string, standby: string];
  /** Ends a Varve process. */
  end(name: string, signal: NodeJS.Signals): Promise<unknown>;
  /** Ends the primary without a last word to anybody. */
  endPrimary(): Promise<void>;
  promote(): void;
}

const programs = ['initdb', 'pg_ctl', 'pg_basebackup', 'psql', 'haproxy'];
const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin').sort().reverse()];
const found = programs.map((program) => folders.map((folder) => join(folder, program)).find((path) => existsSync(path)));

/** Why it cannot be run here; undefined where it can. */
export function composedMissing(): string | undefined {
  const absent = programs.filter((_, i) => found[i] === undefined);
  if (absent.length > 0) return `there is no ${absent.join(', ')}`;
  return process.getuid?.() === 0 && serverUser() === undefined
    ? 'PostgreSQL does not run as root, and there is no user postgres'
    : undefined;
}

const path = [...new Set(found.flatMap((program) => (program === undefined ? [] : dirname(program)))), process.env['PATH']].join(delimiter);
const password = 'of-varve';

/** Starts all of them in their order, by what the file says of each; names become ports of this machine. */
export async function startComposed(): Promise<RunningComposed> {
  await using started = new AsyncDisposableStack();
  const machine = await Machine.make(composed({ VARVE_PASSWORD: password, REPLICATION_PASSWORD: 'of-the-standby' }), started);
  const primary = await machine.startPrimary();
  await machine.startStandby();
  const processes = new Map<string, Awaited<ReturnType<typeof startServing>>>();
  for (const name of ['varve1', 'varve2', 'varve3']) processes.set(name, started.use(await machine.startVarve(name)));
  await machine.startProxy();
  const rest = started.move();
  return {
    url: `http://127.0.0.1:${machine.portOf('proxy')}/graphql`,
    urls: [machine.urlOf('primary'), machine.urlOf('standby')],
    end: async (name, signal) => processes.get(name)?.end(signal),
    endPrimary: () => ended(primary, 'SIGQUIT'),
    promote: () => machine.run('pg_ctl', ['promote', '-D', machine.data('standby')]),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

class Machine {
  readonly #composed: Composed;
  readonly #started: AsyncDisposableStack;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #folder: string;
  readonly #user = process.getuid?.() === 0 ? serverUser() : undefined;

  static async make(file: Composed, started: AsyncDisposableStack): Promise<Machine> {
    const ports = new Map<string, number>();
    for (const name of Object.keys(file.services)) ports.set(name, await freePort());
    return new Machine(file, started, ports);
  }

  private constructor(file: Composed, started: AsyncDisposableStack, ports: ReadonlyMap<string, number>) {
    this.#composed = file;
    this.#started = started;
    this.#ports = ports;
    this.#folder = started.use(temporaryFolder()).path;
    if (this.#user) chownSync(this.#folder, this.#user.uid, this.#user.gid);
    chmodSync(this.#folder, 0o700);
  }

  portOf(name: string): number {
    return this.#ports.get(name) ?? 0;
  }

  urlOf(name: string): string {
    return `postgres://varve:${password}@127.0.0.1:${this.portOf(name)}/shop`;
  }

  data(name: string): string {
    return join(this.#folder, name);
  }

  /** As the image does it: makes the folder, and has the script run by a server that only a socket leads to. */
  async startPrimary(): Promise<ChildProcess> {
    const [data, own] = [this.data('primary'), this.#environmentOf('primary')];
    const secret = join(this.#folder, 'password');
    writeFileSync(secret, password, { mode: 0o644 });
    this.run('initdb', [
      '-D',
      data,
      '-U',
      'varve',
      '-A',
      'scram-sha-256',
      '--pwfile',
      secret,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    const environment = { ...own, PGDATA: data, PGHOST: this.#folder, PGPASSWORD: password, PGUSER: 'varve' };
    this.run('pg_ctl', ['start', '-w', '-D', data, '-l', `${data}.log`, '-o', `-k ${this.#folder} -c listen_addresses=`]);
    try {
      this.run('psql', ['-d', 'postgres', '-c', `CREATE DATABASE ${own['POSTGRES_DB']}`], environment);
      this.run('sh', [join(clusterFolder, 'primary.sh')], environment);
    } finally {
      this.run('pg_ctl', ['stop', '-w', '-m', 'fast', '-D', data]);
    }
    return this.#serveDatabase('primary', 'postgres', ['-D', data], {});
  }

  startStandby(): Promise<ChildProcess> {
    const environment = { ...this.#environmentOf('standby'), PGDATA: this.data('standby') };
    return this.#serveDatabase('standby', 'sh', [join(clusterFolder, 'standby.sh')], environment);
  }

  startVarve(name: string) {
    return startServing([varve, 'serve'], { ...this.#environmentOf(name), VARVE_HOST: '127.0.0.1', PORT: String(this.portOf(name)) });
  }

  async startProxy(): Promise<void> {
    const file = join(this.#folder, 'haproxy.cfg');
    const text = this.#here(readFileSync(join(clusterFolder, 'haproxy.cfg'), 'utf8'));
    writeFileSync(file, text.replace('bind :8080', `bind 127.0.0.1:${this.portOf('proxy')}`));
    this.#spawn('haproxy', ['-f', file], {});
    await until(async () => (await fetch(`http://127.0.0.1:${this.portOf('proxy')}/health`)).ok);
  }

  /** Runs a program to its end. */
  run(program: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
    execFileSync(program, words, { stdio: 'ignore', cwd: '/', env: { ...environment, PATH: path }, ...this.#user });
  }

  async #serveDatabase(name: string, program: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
    const settings = [`port=${this.portOf(name)}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.#folder}`, 'fsync=off'];
    const said = this.#composed.services[name]?.command?.split(' ') ?? [];
    const server = this.#spawn(program, [...words, ...said, ...settings.flatMap((setting) => ['-c', setting])], environment);
    await until(async () => (await asked(this.urlOf(name), 'SELECT 1')) === 1);
    return server;
  }

  #spawn(program: string, words: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    const child = tiedToUs(spawn(program, words, { stdio: 'ignore', cwd: '/', env: { ...environment, PATH: path }, ...this.#user }));
    this.#started.defer(() => ended(child, 'SIGQUIT'));
    return child;
  }

  #environmentOf(name: string): Readonly<Record<string, string>> {
    const entries = Object.entries(this.#composed.services[name]?.environment ?? {});
    return Object.fromEntries(entries.map(([key, value]) => [key, this.#here(String(value))]));
  }

  /** A text in which services are called by their names, as it is on this machine. */
  #here(text: string): string {
    return text.replace(
      /\b(primary|standby|varve\d)(:| port=)\d+\b/g,
      (_, name: string, between: string) => `127.0.0.1${between}${this.portOf(name)}`,
    );
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

const startWaitMs = 60_000;

async function until(is: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + startWaitMs;
  while (!(await is().catch(() => false))) {
    if (performance.now() > end) throw new Error(`It was not there within ${startWaitMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
