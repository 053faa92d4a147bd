import { execFile } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inFolder } from './folders.ts';

/** Where Debian and others put it; undefined: it is not there, and there is nothing to compare with. */
export function pgbenchProgram(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  return ['/usr/bin/pgbench', ...versions.map((version) => `/usr/lib/postgresql/${version}/bin/pgbench`)].find((file) => existsSync(file));
}

/** The table that {@link bareInserts} fills. */
export const bareTable = 'CREATE TABLE bare (id bigserial PRIMARY KEY, data text)';

/** Transactions a second of 64 clients, each a prepared insert of one row of some 300 bytes: one way there and back, its commit included. */
export const bareInserts = (url: string, program: string, seconds: number): Promise<number> =>
  inFolder(async (folder) => {
    const script = join(folder, 'insert.sql');
    writeFileSync(script, `INSERT INTO bare (data) VALUES ('${'x'.repeat(300)}');\n`);
    const flags = ['-n', '-M', 'prepared', '-c', '64', '-j', String(Math.min(64, availableParallelism()))];
    const { stdout } = await promisify(execFile)(program, [...flags, '-T', String(seconds), '-f', script, url]);
    const [, perSecond] = /tps = ([\d.]+)/.exec(stdout) ?? [];
    if (perSecond === undefined) throw new Error(`pgbench did not say how many: ${stdout}`);
    return Number(perSecond);
  });
