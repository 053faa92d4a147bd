import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { temporaryFolder } from '../server-process.ts';
import type { Finding } from './finding.ts';
import { countOf } from './soakkills.ts';
import { noTrace } from './strace.ts';
import { givenIn, killedAmid, killedAmidCheckpoint, works } from './works.ts';

/** Later statements are of other pages, not of other kinds. */
const statementsMax = 400;

/** Kills each work on data folders, `ROUNDS` times (50), at a statement that chance picks, and says what came of it; false at the first finding. */
export async function soakWorks(seed: number): Promise<boolean> {
  const rounds = countOf('ROUNDS', 50);
  const chance = numbersFrom(seed);
  using place = temporaryFolder();
  const given = await givenIn(place.path);
  const killed = new Map<string, number>();
  const count = (name: string, wasKilled: boolean) => killed.set(name, (killed.get(name) ?? 0) + Number(wasKilled));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      // Where little is done, most numbers are too high: then half of them is tried.
      const nth = 1 + chance(Math.max(20, Math.round(statementsMax / 2 ** chance(6))));
      const when = chance(2) === 0 ? 'before' : 'after';
      const { wasKilled, findings } = await killedAmid(work, given, { at: 'statement', sql: '.', when, nth });
      count(name, wasKilled);
      if (!isSound(`${name}, killed ${when} statement ${nth}`, findings)) return false;
    }
    if (!noTrace) {
      const nth = 1 + chance(30);
      const { wasKilled, findings } = await killedAmidCheckpoint(given.left, nth);
      count('a checkpoint', wasKilled);
      if (!isSound(`a checkpoint, killed at write ${nth}`, findings)) return false;
    }
    console.log(`works, seed ${seed}, round ${round + 1}:`, JSON.stringify(Object.fromEntries(killed)));
  }
  return true;
}

function isSound(what: string, findings: readonly Finding[]): boolean {
  for (const { code, message } of findings) console.log(`${what}: ${code}: ${message}`);
  return findings.length === 0;
}
