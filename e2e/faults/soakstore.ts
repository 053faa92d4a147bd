import { playFailover } from './failover.ts';
import type { Finding } from './finding.ts';
import { countOf } from './soakkills.ts';
import { playCuts, playLostCommits, playStandstill } from './storefaults.ts';

const writers = 12;

/** Cuts the network for 1, 10 and 60 s, loses commits' answers, has servers stand still, and lets primaries die, `ROUNDS` times (10); false at the first finding. */
export async function soakStoreFaults(seed: number): Promise<boolean> {
  const store = process.env['VARVE_TEST_POSTGRES'] ?? '';
  for (let round = 0; round < countOf('ROUNDS', 10); round++) {
    const options = { seed: seed + round, store, writers };
    const plays: Readonly<Record<string, () => Promise<{ readonly findings: readonly Finding[] }>>> = {
      'cut for 1 s': () => playCuts({ ...options, cutMs: 1_000 }),
      'cut for 10 s': () => playCuts({ ...options, cutMs: 10_000 }),
      'cut for 60 s': () => playCuts({ ...options, cutMs: 60_000 }),
      "commits' answers lost": () => playLostCommits({ ...options, times: 20 }),
      'a server that stands still': () => playStandstill(options),
      'a primary that dies': () => playFailover(options),
    };
    for (const [name, play] of Object.entries(plays)) {
      const { findings, ...tally } = await play();
      console.log(`${name}, seed ${options.seed}:`, JSON.stringify(tally), `${findings.length} findings`);
      for (const { code, message } of findings) console.log(`${code}: ${message}`);
      if (findings.length > 0) return false;
    }
  }
  return true;
}
