import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../postgres-server.ts';
import { asked, serverFolder, serverUser, until } from './pgserver.ts';

const program = '/usr/sbin/pgbouncer';

/** PgBouncer before a database, in transaction mode. */
interface Pgbouncer extends AsyncDisposable {
  /** The database's URL, by way of it. */
  readonly url: string;
  /** All that it has logged. */
  said(): string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

/** Why there is no PgBouncer here; undefined where there is. */
export function pgbouncerMissing(): string | undefined {
  if (!existsSync(program)) return `there is no ${program}`;
  if (process.getuid?.() === 0 && serverUser() === undefined) return 'it does not run as root, and there is no user postgres';
  return undefined;
}

/** Starts it, with fewer connections to the database than there will be to it. */
export async function startPgbouncer(store: string): Promise<Pgbouncer> {
  const url = new URL(store);
  const folder = serverFolder();
  const [file, users, port] = [join(folder.path, 'pgbouncer.ini'), join(folder.path, 'users'), await freePort()];
  writeFileSync(users, `"${url.username}" "${decodeURIComponent(url.password)}"\n`);
  const own = { listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'trust', auth_file: users };
  const pool = { pool_mode: 'transaction', default_pool_size: 6 };
  const lines = Object.entries({ ...own, ...pool }).map(([name, value]) => `${name} = ${value}`);
  const database = `* = host=${url.hostname} port=${url.port || 5432}`;
  writeFileSync(file, ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'));
  url.host = `127.0.0.1:${port}`;
  const bouncer = new Running(url.href, file);
  const end = async () => {
    await bouncer.kill();
    folder[Symbol.dispose]();
  };
  await bouncer.start().catch(async (fault) => {
    await end();
    throw fault;
  });
  const { href } = url;
  return { url: href, said: () => bouncer.said, start: () => bouncer.start(), kill: () => bouncer.kill(), [Symbol.asyncDispose]: end };
}

class Running {
  readonly #url: string;
  readonly #file: string;
  #process: ChildProcess | undefined;
  said = '';

  constructor(url: string, file: string) {
    this.#url = url;
    this.#file = file;
  }

  async start(): Promise<void> {
    const started = spawn(program, [this.#file], { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...serverUser() });
    this.#process = started;
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    const ended = once(started, 'exit').then(() => {
      throw new Error(`PgBouncer did not start: ${this.said}`);
    });
    // It may end when it likes, later.
    ended.catch(() => undefined);
    await Promise.race([ended, until(async () => (await asked(this.#url, 'SELECT 1')) === 1)]);
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }
}
