import { type KillsTally, playKills } from './kills.ts';

/** A data folder lives through so many kills: what is checked at the end stays small. */
const killsOfRound = 50;
const writers = 32;

/** A whole number from the environment. */
export function countOf(name: string, usual: number): number {
  const count = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${name} is a whole number from 1.`);
  return count;
}

/** Kills servers, `KILLS` times (3,500), a folder after the other, and says what came of it; false at the first finding. */
export async function soakKills(seed: number): Promise<boolean> {
  const kills = countOf('KILLS', 3_500);
  let total: KillsTally | undefined;
  for (let round = 0; (total?.kills ?? 0) < kills; round++) {
    const left = kills - (total?.kills ?? 0);
    const tally = await playKills({ seed: seed + round, kills: Math.min(killsOfRound, left), writers });
    total = total ? added(total, tally) : tally;
    console.log(`kills, seed ${seed + round}:`, JSON.stringify({ ...total, findings: total.findings.length }));
    for (const { code, message } of tally.findings) console.log(`${code}: ${message}`);
    if (tally.findings.length > 0) return false;
  }
  return true;
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
