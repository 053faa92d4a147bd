import pg from 'pg';
import { describe, onTestFinished } from 'vitest';
import { openPostgresStore, type PostgresOptions, type PostgresStore } from './postgres.ts';

/** The tests' server; undefined where there is none. */
const url = process.env['VARVE_TEST_POSTGRES'];
const missing = process.env['VARVE_TEST_POSTGRES_MISSING'];

/** Tests that need PostgreSQL; where there is none they are skipped, and their name says why. */
export const describePostgres = (title: string, tests: () => void): void =>
  void describe.skipIf(url === undefined)(url === undefined ? `${title} (skipped: no PostgreSQL, ${missing})` : title, tests);

/** The URL of the tests' database. */
export function testUrl(): string {
  if (url === undefined) throw new Error(`There is no PostgreSQL for tests: ${missing}`);
  return url;
}

let logs = 0;

/** The name of a log that nobody else uses. */
export const newLog = (): string => `t${process.pid}_${++logs}`;

/** Opens logs, each new unless one is named; closed, and their schemas dropped, when they are cleared. */
export class Logs {
  readonly #open: PostgresStore[] = [];
  readonly #made = new Set<string>();

  async open({
    url: at = testUrl(),
    log = newLog(),
    ...options
  }: PostgresOptions & { readonly url?: string } = {}): Promise<PostgresStore> {
    this.#made.add(log);
    const store = await openPostgresStore(at, { log, ...options });
    this.#open.push(store);
    return store;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((store) => store.close()));
    for (const log of this.#made) await administer(`DROP SCHEMA IF EXISTS "${log}" CASCADE`);
    this.#made.clear();
  }
}

/** Logs for one test, cleared when it is over. */
export function logsOfTest(): Logs {
  const logs = new Logs();
  onTestFinished(() => logs.clear());
  return logs;
}

/** A database of a test's own, as it is said; dropped when the test is over. */
export async function newDatabase(said = ''): Promise<string> {
  const name = newLog();
  await administer(`CREATE DATABASE ${name} TEMPLATE template0 ${said}`);
  onTestFinished(async () => {
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  return Object.assign(new URL(testUrl()), { pathname: `/${name}` }).href;
}

/** Runs SQL as the administrator of the tests' database, by a connection of its own. */
export async function administer(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = await administrator();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** A connection of the administrator's, to be ended by who asks for it. */
export async function administrator(connectionString = testUrl()): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
