import { pause } from '../load.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { databaseKillPlaces, killedAt } from './killpoint.ts';
import { type KillsTally, tallyOf } from './tally.ts';

/** What happens in a round of kills among servers that share a log. */
export interface FleetKillsOptions extends Pick<FleetOptions, 'seed' | 'store' | 'writers' | 'environment'> {
  /** How often one of the servers is killed and started again. */
  readonly kills: number;
}

/** Each kill waits for that many commands to be answered first. */
const answeredMin = 40;
/** Where a place is not passed often enough, the server is killed after this. */
const lifeMsMax = 4_000;

/** A killed process frees the lock with its connection: nobody ever waits for it for long, and the database is always there. */
const unexplained: ReadonlySet<string> = new Set(['LOG_BUSY', 'STORE_UNAVAILABLE']);

/** Writes at full load to servers that share a log, of which one is killed at a time, and started again; then holds what is stored against all that was told. */
export async function playFleetKills({ kills, ...options }: FleetKillsOptions): Promise<KillsTally> {
  await using fleet = new Fleet({ ...options, ways: [options.store, options.store], unexplained });
  await fleet.begin();
  await fleet.answered(answeredMin, lifeMsMax);
  const places: Record<string, number> = {};
  let dead = 1;
  await fleet.kill(dead);
  for (let kill = 1; kill < kills; kill++) {
    const died = await killOne(fleet, dead, kill + options.seed);
    dead = died.server;
    places[died.place] = (places[died.place] ?? 0) + 1;
  }
  await fleet.start(dead);
  await fleet.answered(answeredMin, lifeMsMax);
  const history = await fleet.finish();
  const { stored, findings } = await fleet.check(history);
  return tallyOf({ stored, history }, { kills, places: { ...places, 'any moment': (places['any moment'] ?? 0) + 1 }, findings });
}

/** Starts the dead server, and has it end at a place that it passes, or any of the two at any moment; answers which, and where. The other one goes on. */
async function killOne(fleet: Fleet, dead: number, turn: number): Promise<{ readonly server: number; readonly place: string }> {
  const names = Object.keys(databaseKillPlaces);
  const name = turn % 2 === 0 ? undefined : names[((turn - 1) / 2) % names.length];
  const chosen = name === undefined ? undefined : databaseKillPlaces[name];
  if (name !== undefined && chosen) {
    const isStarted = await fleet.start(dead, killedAt(chosen.place(1 + fleet.chance(chosen.passedMax))));
    const isDead = !isStarted || (await fleet.ended(dead, lifeMsMax));
    await fleet.kill(dead);
    return { server: dead, place: isDead ? name : 'any moment' };
  }
  await fleet.start(dead);
  await fleet.answered(answeredMin, lifeMsMax);
  await pause(fleet.chance(150));
  const server = fleet.chance(2);
  await fleet.kill(server);
  return { server, place: 'any moment' };
}
