import { join } from 'node:path';
import { pause } from '../load.ts';
import { type Ended, run, runVarve, temporaryFolder } from '../server-process.ts';
import { withClient } from './database.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { ownBase } from './ownbase.ts';
import { dumpsOf } from './pgdump.ts';
import { type KillsTally, tallyOf } from './tally.ts';

/** A while of all that may be done to one log, beside each other. */
export interface DaysWorkOptions extends Pick<FleetOptions, 'seed' | 'environment'> {
  /** A PostgreSQL whose role makes databases. */
  readonly store: string;
  readonly seconds: number;
}

/** What came of it. */
export interface DaysWork extends KillsTally {
  /** How often each piece of work was done to its end. */
  readonly done: Readonly<Record<string, number>>;
  readonly deadlocks: number;
  /** Locks that were not given back. */
  readonly locks: readonly string[];
}

type Work = () => Promise<Ended | undefined>;

const servers = 3;
/** What an operator may be told where others are at work too: of a dump, that a table was swapped before it was locked. */
const mayBeTold = /are being rebuilt by|Another process holds the log|relation .* does not exist|could not open relation/;

/**
 * Has clients trade, look and listen at three servers, of which one after the other is stopped or killed and started again, while read tables are rebuilt, verified,
 * exported and dumped, two of such works at once, all by chance; and then holds what is stored against all that was told, and asks PostgreSQL for deadlocks and for
 * locks that are left.
 */
export async function playDaysWork({ store, seconds, ...options }: DaysWorkOptions): Promise<DaysWork> {
  await using base = await ownBase(store, `varve_day_${process.pid}`);
  using folder = temporaryFolder();
  await using fleet = new Fleet({ ...options, store: base.url, ways: Array.from({ length: servers }, () => base.url), writers: 6 });
  await fleet.begin();
  const dumps = await dumpsOf(base.url);
  if ('missing' in dumps) console.log(`Nothing is dumped: ${dumps.missing}.`);
  const works = worksOn(fleet, base.url, folder.path, 'folder' in dumps ? join(dumps.folder, 'pg_dump') : undefined);
  const done: Record<string, number> = {};
  const until = performance.now() + seconds * 1_000;
  const hand = async (names: readonly string[]): Promise<void> => {
    while (performance.now() < until) {
      const name = names[fleet.chance(names.length)] ?? '';
      const ended = await works[name]?.();
      if (ended && ended.code !== 0 && !mayBeTold.test(ended.err)) fleet.recorder.fault(`${name} ended with ${ended.code}: ${ended.err}`);
      done[name] = (done[name] ?? 0) + 1;
      await pause(fleet.chance(100));
    }
  };
  const [ends, looks] = [Object.keys(works).slice(0, 2), Object.keys(works).slice(2)];
  await Promise.all([hand(ends), hand(looks), hand(looks)]);
  const history = await fleet.finish();
  const { stored, findings } = await fleet.check(history);
  return {
    ...tallyOf({ stored, history }, { kills: done['a kill'] ?? 0, places: {}, findings }),
    ...{ done, deadlocks: await base.deadlocks(), locks: await base.locks() },
  };
}

/** First what ends a server, which one hand does; then what may be done at any time. */
function worksOn(fleet: Fleet, url: string, folder: string, dump: string | undefined): Readonly<Record<string, Work>> {
  const place = ['--store', url, '--log', fleet.log];
  const again = (signal: 'SIGTERM' | 'SIGKILL') => async () => {
    const server = fleet.chance(servers);
    const code = await fleet.end(server, signal);
    if (signal === 'SIGTERM' && code !== 0)
      fleet.recorder.fault(`A server that was told to stop ended with ${code}: ${fleet.said(server)}`);
    await fleet.start(server);
    return undefined;
  };
  const exported = join(folder, 'log.ndjson');
  return {
    'a stop': again('SIGTERM'),
    'a kill': again('SIGKILL'),
    'a rebuild of all': () => runVarve('rebuild', ...place),
    'a rebuild of orders': () => runVarve('rebuild', 'orders', ...place),
    'a rebuild of a row': () => runVarve('rebuild', 'products', '--key', 'heart', ...place),
    'a verification': () => runVarve('verify', ...place),
    'an export': () => runVarve('export', exported, '--force', ...place),
    ...(dump !== undefined && { 'a dump': () => run(dump, '--file', join(folder, 'dump.sql'), '--schema', fleet.log, url) }),
    'a dump that locks in another order': () => lockedInAnyOrder(fleet, url),
  };
}

/** Takes the locks of a dump, in whatever order: that of a database that was itself restored from one is that of the names. */
async function lockedInAnyOrder(fleet: Fleet, url: string): Promise<undefined> {
  await withClient(url, async (client) => {
    const text = `SELECT relname AS name FROM pg_class WHERE relnamespace = '"${fleet.log}"'::regnamespace AND relkind = 'r'`;
    const { rows } = await client.query<{ name: string }>(text);
    const order = rows.map(({ name }) => ({ name, place: fleet.chance(1_000) })).sort((a, b) => a.place - b.place);
    await client.query('BEGIN');
    // A table may be gone by then, and the dump with it: as with pg_dump, somebody begins it again.
    for (const { name } of order) await client.query(`LOCK TABLE "${fleet.log}"."${name}" IN ACCESS SHARE MODE`).catch(passing);
    await client.query('ROLLBACK');
  });
  return undefined;
}

function passing(fault: unknown): void {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  if (code !== '42P01' && code !== '25P02') throw fault;
}
