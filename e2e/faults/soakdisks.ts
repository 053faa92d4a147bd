import { unsynced } from './lives.ts';
import { whyNoLoopDisk } from './loopdisk.ts';
import { cutPower } from './power.ts';
import { noTrace } from './strace.ts';
import { openTorn, traceShop } from './torn.ts';

/** How many states of one trace are opened before there is a new one. */
const statesPerTrace = 250;

function countOf(name: string): number {
  const count = Number(process.env[name] ?? 2_000);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${name} is a whole number from 1.`);
  return count;
}

/** A long campaign of power cuts, and the control that must fail; true where nothing was lost, and it was seen that something could have been. */
export async function soakPower(seed: number): Promise<boolean> {
  const noDisk = whyNoLoopDisk();
  if (noDisk) throw new Error(`No power can be cut here: ${noDisk}.`);
  const begun = performance.now();
  const tally = await cutPower({
    seed,
    cuts: countOf('CUTS'),
    onCut: (so) => {
      if (so.cuts % 100 === 0) console.log(`${so.cuts} cuts: ${so.accepted} accepted, ${so.lost} lost`);
    },
  });
  console.log(`power cuts, seed ${seed}, ${inSeconds(begun)}:`, JSON.stringify(tally));
  const control = await cutPower({ seed, cuts: 20, settings: unsynced });
  console.log('the same with synchronous=NORMAL, up to the first loss:', JSON.stringify(control));
  return tally.faults.length === 0 && control.lost > 0;
}

/** The same of torn and reordered writes. */
export async function soakTorn(seed: number): Promise<boolean> {
  if (noTrace) throw new Error(`No writes can be traced here: ${noTrace}.`);
  const begun = performance.now();
  let [states, accepted] = [0, 0];
  const faults: string[] = [];
  for (const count = countOf('STATES'); states < count && faults.length === 0; ) {
    const tally = await openTorn(traceShop(), seed + states, Math.min(statesPerTrace, count - states));
    [states, accepted] = [states + tally.states, accepted + tally.accepted];
    faults.push(...tally.faults);
    console.log(`${states} states: ${accepted} accepted commands looked for`);
  }
  console.log(`torn and reordered writes, seed ${seed}, ${inSeconds(begun)}:`, JSON.stringify({ states, accepted, faults }));
  const control = await openTorn(traceShop(unsynced), seed, 200);
  console.log('the same with synchronous=NORMAL, up to the first loss:', JSON.stringify(control));
  return faults.length === 0 && control.faults.some((fault) => fault.includes(': lost '));
}

const inSeconds = (begun: number): string => `${Math.round((performance.now() - begun) / 1_000)} s`;
