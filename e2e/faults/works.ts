import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { shop } from '#shop';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { asMigratedBy, databaseFile, withDatabase } from '../data-folder.ts';
import { pause } from '../load.ts';
import { run, runVarve, startServerProcess, temporaryFolder, varve } from '../server-process.ts';
import type { Finding } from './finding.ts';
import { checkFolder } from './folder.ts';
import type { History } from './history.ts';
import { reachOver } from './httpreach.ts';
import { type KillPoint, killedAt } from './killpoint.ts';
import { Recorder, Session } from './recorder.ts';
import { shopDomain } from './shop.ts';
import { tradedIn } from './traded.ts';
import { openShop, trade } from './trading.ts';

/** What there is to begin with: a data folder that was traded in, an export of it, and a folder whose server was killed under load. */
export interface Given {
  readonly folder: string;
  readonly history: History;
  readonly exported: string;
  readonly left: { readonly folder: string; readonly history: History };
}

/** A piece of work on a data folder, which may be killed at any of its statements, and is then done again. */
export interface Work {
  /** A point in its midst that it surely passes. */
  readonly amid: KillPoint;
  /** Makes the folder as it is before. */
  prepare(given: Given, folder: string): void;
  /** What the CLI is told; left out: the server is started on the folder. */
  readonly words?: (given: Given, folder: string) => readonly string[];
  /** The same, to be told after a kill. */
  readonly again?: (given: Given, folder: string) => readonly string[];
  /** Where the result is, of a folder. */
  readonly result: (folder: string) => string;
  readonly history: (given: Given) => History;
}

const nothing: History = { sendings: [], reads: [], heard: [], faults: [] };
const heldBy: ReadonlySet<string> = new Set(['lock', 'holder.json']);
const copied = (from: string, to: string) => cpSync(from, to, { recursive: true, filter: (path) => !heldBy.has(basename(path)) });
/** A copy of what was traded in, changed. */
const prepared =
  (change: (folder: string) => void) =>
  ({ folder: from }: Given, folder: string) => {
    copied(from, folder);
    change(folder);
  };
const damaged = 'UPDATE products SET stock = -1; DELETE FROM orders';
const doing = (sql: string) => prepared((folder) => withDatabase(folder, (db) => db.exec(sql)));
const statement = (sql: string, nth: number): KillPoint => ({ at: 'statement', sql, when: 'after', nth });
const starts = { result: (folder: string) => folder, history: ({ history }: Given) => history };
const backupOf = (folder: string) => join(folder, 'backup', 'varve.db');

/** Everything that changes a data folder, other than commands. */
export const works: Readonly<Record<string, Work>> = {
  'a first start': { amid: statement('^INSERT INTO main.read_tables', 2), ...starts, prepare: () => {}, history: () => nothing },
  'a start after a kill, which settles what the write-ahead log has': {
    amid: statement('wal_checkpoint', 1),
    ...starts,
    prepare: ({ left }, folder) => copied(left.folder, folder),
    history: ({ left }) => left.history,
  },
  'a migration of a log from before the chain of hashes': {
    amid: statement('^UPDATE events SET hash', 50),
    ...starts,
    prepare: prepared((folder) => asMigratedBy(folder, 2)),
  },
  'a rebuild of all read tables, and their swap': {
    amid: statement('RENAME TO', 2),
    ...starts,
    prepare: doing(`UPDATE read_tables SET hash = 'another'; ${damaged}`),
  },
  'a rebuild by hand of damaged read tables': {
    amid: statement('RENAME TO', 1),
    ...starts,
    prepare: doing(damaged),
    words: (_, folder) => ['rebuild', '--data', folder],
  },
  'a backup': {
    amid: statement('integrity_check', 1),
    prepare: ({ folder: from }, folder) => {
      copied(from, folder);
      mkdirSync(join(folder, 'backup'));
    },
    words: (_, folder) => ['backup', backupOf(folder), '--data', folder],
    again: (_, folder) => ['backup', backupOf(folder), '--force', '--data', folder],
    result: (folder) => join(folder, 'backup'),
    history: ({ history }) => history,
  },
  'an import': {
    amid: statement('^INSERT INTO events ', 100),
    prepare: () => {},
    words: ({ exported }, folder) => ['import', exported, '--data', folder],
    result: (folder) => folder,
    history: ({ history }) => history,
  },
};

/** Trades in two folders, and exports one. */
export async function givenIn(place: string): Promise<Given> {
  const [folder, left, exported] = ['traded', 'left', 'shop.ndjson'].map((name) => join(place, name)) as [string, string, string];
  const history = await tradedIn(folder, 250);
  const { code, err } = await runVarve('export', exported, '--data', folder);
  if (code !== 0) throw new Error(`The export ended with ${code}: ${err}`);
  return { folder, history, exported, left: { folder: left, history: await leftUnderLoad(left) } };
}

/** Leaves a folder as a server does that is killed under load; answers what was sent and told. */
async function leftUnderLoad(folder: string): Promise<History> {
  const [recorder, chance] = [new Recorder(), numbersFrom(20261130)];
  await using server = await startServerProcess(folder);
  let isOver = false;
  const reach = reachOver({ url: () => (isOver ? undefined : server.url), recorder, chance });
  await openShop(new Session('opening', recorder, reach));
  const trading = Array.from({ length: 16 }, (_, i) =>
    trade({ session: new Session(`l${i}`, recorder, reach), chance, isOver: () => isOver }),
  );
  while (recorder.sent < 250) await pause(5);
  await server.end('SIGKILL');
  isOver = true;
  await Promise.all(trading);
  return recorder.history();
}

/** What came of a work that was to be killed. */
export interface Worked {
  readonly wasKilled: boolean;
  readonly findings: readonly Finding[];
}

/** Does a work in a folder of its own, is killed at a point of it, does it again, starts a server on what came of it, and holds it against the history. */
export async function killedAmid(
  { prepare, words, again = words, result, history }: Work,
  given: Given,
  point: KillPoint,
): Promise<Worked> {
  using place = temporaryFolder();
  const folder = join(place.path, 'data');
  mkdirSync(folder);
  prepare(given, folder);
  const wasKilled = words ? runsInto(words(given, folder), point) : await startsInto(folder, point);
  if (again && wasKilled) await toItsEnd(again(given, folder));
  return { wasKilled, findings: await startedAndChecked(result(folder), history(given)) };
}

/** Starts a server on what another left that was killed under load, which is killed at its n-th write to the file: while it settles what the write-ahead log has. */
export async function killedAmidCheckpoint(left: Given['left'], nth: number): Promise<Worked> {
  using place = temporaryFolder();
  const folder = join(place.path, 'data');
  copied(left.folder, folder);
  const inject = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-P',
    databaseFile(folder),
    '-e',
    'trace=pwrite64',
    '-e',
    `inject=pwrite64:signal=KILL:when=${nth}`,
  ];
  const serve = [process.execPath, varve, 'serve', '--port', '0', '--data', folder];
  const { signal } = spawnSync('strace', [...inject, ...serve], { timeout: 60_000 });
  return { wasKilled: signal === 'SIGKILL', findings: await startedAndChecked(folder, left.history) };
}

async function startedAndChecked(folder: string, history: History): Promise<readonly Finding[]> {
  const server = await startServerProcess(folder);
  const code = await server.end('SIGTERM');
  if (code !== 0) throw new Error(`The server ended with ${code}: ${server.log()}`);
  if (!existsSync(databaseFile(folder))) throw new Error('There is no log.');
  return (await checkFolder(shop, folder, history, shopDomain())).findings;
}

/** Runs a command of the CLI into a point at which it is killed; false where it ended before. */
function runsInto(words: readonly string[], point: KillPoint): boolean {
  const { signal, status, stderr } = spawnSync(process.execPath, [varve, ...words], {
    env: { ...process.env, ...killedAt(point) },
    encoding: 'utf8',
  });
  if (signal === null && status !== 0) throw new Error(`It ended with ${status}: ${stderr}`);
  return signal === 'SIGKILL';
}

/** Starts a server into a point at which it is killed; false where it served before. */
async function startsInto(folder: string, point: KillPoint): Promise<boolean> {
  try {
    const server = await startServerProcess(folder, killedAt(point));
    await server.end('SIGKILL');
    return false;
  } catch (fault) {
    if (String(fault).includes('ended with null')) return true;
    throw fault;
  }
}

async function toItsEnd(words: readonly string[]): Promise<void> {
  const { code, err } = await run(process.execPath, varve, ...words);
  // Killed when all was done, there is nothing left to do.
  if (code !== 0 && !err.includes('IMPORT_NOT_EMPTY')) throw new Error(`It ended with ${code}: ${err}`);
}
