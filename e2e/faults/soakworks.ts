import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { temporaryFolder } from '../server-process.ts';
import { givenIn, killedAmid, works } from './works.ts';

/** Later statements are of other pages, not of other kinds. */
const statementsMax = 400;

/** Kills works on data folders, so many rounds of them, each at a statement that chance picks, and says what came of it; false at the first finding. */
export async function soakWorks(seed: number, rounds: number): Promise<boolean> {
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('KILLS is how many rounds there are to be.');
  const chance = numbersFrom(seed);
  using place = temporaryFolder();
  const given = await givenIn(place.path);
  const killed = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(works)) {
      // Where little is done, most numbers are too high: then half of them is tried.
      const nth = 1 + chance(Math.max(20, Math.round(statementsMax / 2 ** chance(6))));
      const when = chance(2) === 0 ? 'before' : 'after';
      const { wasKilled, findings } = await killedAmid(work, given, { at: 'statement', sql: '.', when, nth });
      killed.set(name, (killed.get(name) ?? 0) + Number(wasKilled));
      for (const { code, message } of findings) console.log(`${name}, killed ${when} statement ${nth}: ${code}: ${message}`);
      if (findings.length > 0) return false;
    }
    console.log(`works, seed ${seed}, round ${round + 1}:`, JSON.stringify(Object.fromEntries(killed)));
  }
  return true;
}
