import { playFleetKills } from './fleetkills.ts';
import { databaseKillPlaces, killPlaces } from './killpoint.ts';
import { playKills } from './kills.ts';
import type { KillsTally } from './tally.ts';

/** A data folder lives through so many kills: what is checked at the end stays small. */
const killsOfRound = 50;
/** Of so many, each place that a server is to be killed at has had its turns. */
const killsOfAllPlaces = 150;
const writers = 32;
/** Of two servers on one log: they go on while one starts. */
const fleetWriters = 12;

/** A whole number from the environment. */
export function countOf(name: string, usual: number): number {
  const count = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${name} is a whole number from 1.`);
  return count;
}

/** Kills servers, `KILLS` times (3,500), a folder after the other, and says what came of it; false at the first finding. */
export const soakKills = (seed: number): Promise<boolean> =>
  soakRounds('kills', seed, countOf('KILLS', 3_500), Object.keys(killPlaces), (more) => playKills({ ...more, writers }));

/** The same of two servers on one log in the PostgreSQL that `VARVE_TEST_POSTGRES` names, `KILLS` times (500). */
export async function soakFleetKills(seed: number): Promise<boolean> {
  const store = process.env['VARVE_TEST_POSTGRES'];
  if (store === undefined) throw new Error('Say in VARVE_TEST_POSTGRES where PostgreSQL is: postgres://user@host:5432/database.');
  return soakRounds('kills of two servers', seed, countOf('KILLS', 500), Object.keys(databaseKillPlaces), (more) =>
    playFleetKills({ ...more, store, writers: fleetWriters }),
  );
}

type Play = (more: { readonly seed: number; readonly kills: number }) => Promise<KillsTally>;

async function soakRounds(name: string, seed: number, kills: number, places: readonly string[], play: Play): Promise<boolean> {
  let total: KillsTally | undefined;
  for (let round = 0; (total?.kills ?? 0) < kills; round++) {
    const left = kills - (total?.kills ?? 0);
    const tally = await play({ seed: seed + round, kills: Math.min(killsOfRound, left) });
    total = total ? added(total, tally) : tally;
    console.log(`${name}, seed ${seed + round}:`, JSON.stringify({ ...total, findings: total.findings.length }));
    for (const { code, message } of tally.findings) console.log(`${code}: ${message}`);
    if (tally.findings.length > 0) return false;
  }
  // A place that no server comes by any more is a check that is gone.
  const missed = kills < killsOfAllPlaces ? [] : places.filter((place) => !total?.places[place]);
  if (missed.length > 0) console.log(`No server was killed ${missed.join(', ')}.`);
  return missed.length === 0;
}

const counts = ['kills', 'sendings', 'accepted', 'refused', 'unknown', 'there', 'notThere', 'reads', 'events', 'messages'] as const;

function added(total: KillsTally, tally: KillsTally): KillsTally {
  const sums = Object.fromEntries(counts.map((name) => [name, total[name] + tally[name]])) as Pick<KillsTally, (typeof counts)[number]>;
  const names = [...new Set([...Object.keys(total.places), ...Object.keys(tally.places)])];
  return {
    ...sums,
    places: Object.fromEntries(names.map((name) => [name, (total.places[name] ?? 0) + (tally.places[name] ?? 0)])),
    findings: [...total.findings, ...tally.findings],
  };
}
