import pg from 'pg';
import { describe } from 'vitest';
import { type DatabasePlace, placeOf } from './place.ts';

const url = process.env['VARVE_TEST_POSTGRES'];
const missing = process.env['VARVE_TEST_POSTGRES_MISSING'];

/** Tests that need PostgreSQL; where there is none they are skipped, and their name says why. */
export const describePostgres = (title: string, tests: () => void): void =>
  void describe.skipIf(url === undefined)(url === undefined ? `${title} (skipped: no PostgreSQL, ${missing})` : title, tests);

let logs = 0;

/** A place in the tests' database where there is no log; what is made there is dropped after the run. */
export function newPlace(): DatabasePlace {
  logs += 1;
  const place = placeOf(url ?? 'postgres://nowhere', { log: `${process.env['VARVE_TEST_LOGS']}shell${process.pid}_${logs}` });
  if ('folder' in place) throw new Error('VARVE_TEST_POSTGRES is no URL of a database.');
  return place;
}

/** Runs SQL in a log's schema, behind the program's back. */
export async function tamper({ url: connectionString, log }: DatabasePlace, text: string): Promise<readonly unknown[][]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`SET search_path = ${log}`);
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}
