import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { asked } from './pgserver.ts';

const places = [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin/pg_dump`);

/** The folder of the newest pg_dump and its neighbours, where it reads the server at a URL: it reads none that is newer than it. Else why there is none. */
export async function dumpsOf(url: string): Promise<{ readonly folder: string } | { readonly missing: string }> {
  const program = [...places, '/usr/bin/pg_dump'].find((path) => existsSync(path));
  if (program === undefined) return { missing: 'there is no pg_dump' };
  const server = Number(await asked(url, "SELECT current_setting('server_version_num')::int / 10000"));
  const own = Number(/ (\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1]);
  return own < server ? { missing: `pg_dump ${own} does not read PostgreSQL ${server}` } : { folder: dirname(program) };
}
