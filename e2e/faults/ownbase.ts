import { withClient } from './database.ts';

/** A database of its own, in which locks are counted that waited for each other. */
export interface OwnBase extends AsyncDisposable {
  readonly url: string;
  /** How many transactions PostgreSQL has ended there because they waited for each other. */
  deadlocks(): Promise<number>;
  /** Locks that somebody still has there or waits for, in words; none where all were given back. */
  locks(): Promise<readonly string[]>;
}

/** Makes one beside that of a URL, whose role makes databases; dropped at its end. Whoever waits there is looked at after 10 ms, and not after a second. */
export async function ownBase(beside: string, name: string): Promise<OwnBase> {
  const said = (text: string) => withClient(beside, (client) => client.query<Record<string, string>>(text));
  await said(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await said(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  await said(`ALTER DATABASE ${name} SET deadlock_timeout = '10ms'`);
  const url = new URL(beside);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    deadlocks: async () => Number((await said(`SELECT deadlocks FROM pg_stat_database WHERE datname = '${name}'`)).rows[0]?.['deadlocks']),
    locks: async () => {
      const held = `SELECT format('%s %s of %s', mode, locktype, pid) AS held FROM pg_locks JOIN pg_database ON pg_database.oid = database`;
      return (await said(`${held} WHERE datname = '${name}'`)).rows.map((row) => row['held'] ?? '');
    },
    [Symbol.asyncDispose]: async () => void (await said(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}
