/**
 * `npm run soak -- [--seconds 60] [--seed N]`: the checks of live streams' deliveries for longer than the gate has time for: half of it in memory, where
 * a play that finds a fault is made smaller, half on real servers. `--path` and `--lives` play one play again, as a fault's report says.
 *
 * `npm run soak -- kills` kills a server at any instant under 32 writers, `KILLS` times (3,500); `npm run soak -- works` kills starts, migrations, rebuilds, backups and
 * imports, each at any of its statements, `ROUNDS` times (50); `npm run soak -- power` cuts the power of a disk `CUTS` times (2,000); `npm run soak -- torn` opens
 * `STATES` (2,000) of what torn and reordered writes may leave; all with `--seed N` or `SEED`.
 *
 * In the PostgreSQL that `VARVE_TEST_POSTGRES` names, `npm run soak -- postgres` kills one of two servers on one log, `KILLS` times (500), and then lets primaries
 * die and cuts networks, `ROUNDS` times (10); `npm run soak -- day [--seconds 60]` does all that may be done to one log beside each other.
 */
import { parseArgs } from 'node:util';
import { campaign } from '../src/livestream/campaign.fixture.ts';
import { soakDay } from './faults/soakday.ts';
import { soakPower, soakTorn } from './faults/soakdisks.ts';
import { soakFleetKills, soakKills } from './faults/soakkills.ts';
import { soakStoreFaults } from './faults/soakstore.ts';
import { soakWorks } from './faults/soakworks.ts';
import { playRound } from './streams/round.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    path: { type: 'string' },
    lives: { type: 'string', default: '80' },
  },
});
const given = values.seed ?? process.env['SEED'];
const seed = given === undefined ? Math.floor(Math.random() * 1_000_000) : Number(given);
const seconds = Number(values.seconds);
const livesMax = Number(values.lives);
if (![seed, seconds, livesMax].every(Number.isSafeInteger)) throw new Error('--seconds, --seed and --lives are whole numbers.');

async function soakInMemory(timeMs: number): Promise<boolean> {
  const { path } = values;
  const { plays, seen, fault, play } = await campaign({ seed, plays: 1_000_000, livesMax, timeMs, ...(path !== undefined && { path }) });
  console.log(`in memory, seed ${seed}: ${plays} plays`, JSON.stringify(seen));
  if (fault !== undefined) console.log(`${fault}\nThe smallest play found: ${play}`);
  return fault === undefined;
}

async function soakServers(timeMs: number): Promise<boolean> {
  const until = performance.now() + timeMs;
  for (let round = 0; performance.now() < until; round += 1) {
    const options = {
      seed: seed + round,
      lives: 1 + (round % 3),
      lifeMs: 2_000,
      lifeCommands: 400,
      patienceMs: round % 2 === 0 ? 60 : 500,
    };
    try {
      const { subscribers: _, ledger: __, ...tally } = await playRound({ ...options, beginnings: ['on', 'on', 'on', 'earlier', 'anew'] });
      console.log(`on ${options.lives} servers, seed ${options.seed}:`, JSON.stringify(tally));
    } catch (error) {
      console.log(`on ${options.lives} servers, seed ${options.seed}:`, error);
      return false;
    }
  }
  return true;
}

async function soakStreams(): Promise<boolean> {
  if (values.path !== undefined) return soakInMemory(seconds * 1_000);
  return (await soakInMemory(seconds * 500)) && (await soakServers(seconds * 500));
}

const soaks: Readonly<Record<string, () => Promise<boolean>>> = {
  streams: soakStreams,
  kills: () => soakKills(seed),
  works: () => soakWorks(seed),
  power: () => soakPower(seed),
  torn: () => soakTorn(seed),
  day: () => soakDay(seed, seconds),
  postgres: async () => (await soakFleetKills(seed)) && (await soakStoreFaults(seed)),
};
const soak = soaks[positionals[0] ?? 'streams'];
if (!soak) throw new Error(`Say which: ${Object.keys(soaks).join(', ')}.`);
process.exitCode = (await soak()) ? 0 : 1;
