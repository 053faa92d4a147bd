import pg from 'pg';
import { startPostgres } from '../e2e/postgres-server.ts';

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
  try {
    // What a sync is worth is tried elsewhere, on servers that are killed: here it would only take time.
    const { url, stop } = await startPostgres('fsync=off');
    process.env[variable] = url;
    return stop;
  } catch (fault) {
    process.env[`${variable}_MISSING`] = String(fault);
    return undefined;
  }
}

/** Drops the logs that servers made whom the tests started. */
async function dropLogs(url: string, logs: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1)', [logs]);
  for (const { name } of rows) await client.query(`DROP SCHEMA ${client.escapeIdentifier(name)} CASCADE`);
  await client.end();
}
