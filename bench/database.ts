import pg from 'pg';
import { startPostgres } from '../e2e/postgres-server.ts';

/** What decides how fast a server is, and whether it keeps what it answered for. */
const settings = ['server_version', 'shared_buffers', 'max_wal_size', 'full_page_writes', 'fsync', 'synchronous_commit'] as const;

/** One statement by a connection of its own; answers its rows. */
export async function administer(url: string, text: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Says how a server is set. Throws where it answers before a commit is durable: what it gives compares with nothing (P1). */
async function inspect(url: string): Promise<void> {
  const [row = {}] = await administer(url, `SELECT ${settings.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`);
  console.log(`PostgreSQL: ${settings.map((name) => `${name} ${row[name]}`).join(', ')}`);
  if (row['fsync'] !== 'on' || row['synchronous_commit'] !== 'on') throw new Error('The server has fsync or synchronous_commit off.');
}

/**
 * Work in a new database, where texts are ordered by their bytes for everybody, and which goes when the work is done: on the server of `VARVE_BENCH_POSTGRES` or `VARVE_TEST_POSTGRES`, or on one of our own, with room in its
 * write-ahead log for a run without a checkpoint that is forced.
 */
export async function inDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const given = process.env['VARVE_BENCH_POSTGRES'] ?? process.env['VARVE_TEST_POSTGRES'];
  const server = given === undefined ? await startPostgres('shared_buffers=256MB', 'max_wal_size=4GB') : undefined;
  const url = new URL(given ?? server?.url ?? '');
  const database = new URL(url);
  database.pathname = `/varve_bench_${process.pid}`;
  try {
    await inspect(url.href);
    await administer(url.href, `CREATE DATABASE ${database.pathname.slice(1)} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`);
    try {
      return await work(database.href);
    } finally {
      await administer(url.href, `DROP DATABASE ${database.pathname.slice(1)} WITH (FORCE)`);
    }
  } finally {
    await server?.stop();
  }
}
