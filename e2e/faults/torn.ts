import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shop } from '#shop';
import { open } from '#varve';
import { temporaryFolder } from '../server-process.ts';
import { aftermathOf } from './aftermath.ts';
import { diceOf } from './dice.ts';
import type { Settings } from './lives.ts';
import { type TornState, tornState } from './torn-states.ts';
import { type Step, traceWriter } from './torn-trace.ts';

/** What came of opening the states of a disk that a trace may have left. */
export interface TornTally {
  readonly states: number;
  /** Accepted commands that were looked for, over all states. */
  readonly accepted: number;
  readonly faults: readonly string[];
}

/** Two lives on one log: short, with a checkpoint every few commits; the second begins with what the first left, and both end in order. */
export const traceShop = (settings: Settings = {}): readonly Step[] =>
  traceWriter(
    ['1', '2'].map((name) => ({ name, lanes: 4, commands: 18 })),
    { limits: { checkpointPages: 40 }, ...settings },
  );

/** Opens states of a trace, each by a start in a folder of its own, and holds what is there against what had been answered. Ends at the first fault. */
export async function openTorn(steps: readonly Step[], seed: number, count: number): Promise<TornTally> {
  const dice = diceOf(seed);
  let tally: TornTally = { states: 0, accepted: 0, faults: [] };
  while (tally.states < count && tally.faults.length === 0) {
    const state = tornState(steps, dice);
    const faults = (await faultsOf(state)).map(
      (fault) =>
        `seed ${seed}, state ${tally.states} (${state.loss} of what was not synced, after step ${state.steps} of ${steps.length}): ${fault}`,
    );
    tally = { states: tally.states + 1, accepted: tally.accepted + state.told.accepted.size, faults };
  }
  return tally;
}

/** In memory where there is such a folder: what a sync takes there is not what is asked about. */
const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

async function faultsOf({ files, told }: TornState): Promise<readonly string[]> {
  using folder = temporaryFolder(parent);
  for (const [name, bytes] of files) writeFileSync(join(folder.path, name), bytes);
  try {
    const engine = await open(shop, folder.path);
    await engine.close();
  } catch (fault) {
    return [`the start says: ${String(fault)}`];
  }
  return (await aftermathOf(folder.path, told)).faults;
}
