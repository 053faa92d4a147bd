import fc from 'fast-check';
import { plans } from './plans.fixture.ts';
import { nothing, play, type Seen } from './play.fixture.ts';
import type { Parts } from './stage.fixture.ts';

/** How many plays, and which. */
export interface CampaignOptions {
  readonly seed: number;
  readonly plays: number;
  readonly livesMax: number;
  /** The one play of the seed that is to be played again. */
  readonly path?: string;
  /** No longer than this; a play that finds a fault is made smaller until then. Left out: all plays, and the first fault is answered as it is. */
  readonly timeMs?: number;
  readonly parts?: Partial<Parts>;
}

/** What a campaign came to. */
export interface Campaign {
  readonly seen: Seen;
  readonly plays: number;
  /** What was found, and how to find it again. */
  readonly fault: string | undefined;
  /** The play that found it. */
  readonly play: string | undefined;
}

/** Plays at random, the same for the same seed, until a fault is found. */
export async function campaign({ seed, plays, livesMax, path, timeMs, parts }: CampaignOptions): Promise<Campaign> {
  const seen = nothing();
  const result = await fc.check(
    fc.asyncProperty(plans(livesMax), (plan) => play(plan, seen, parts)),
    {
      seed,
      numRuns: plays,
      ...(path === undefined ? {} : { path }),
      ...(timeMs === undefined ? { endOnFailure: true } : { interruptAfterTimeLimit: timeMs }),
    },
  );
  const found = { seen, plays: result.numRuns };
  if (!result.failed || !result.errorInstance) return { ...found, fault: undefined, play: undefined };
  const again = `npm run soak -- --seed ${seed} --path ${result.counterexamplePath} --lives ${livesMax}`;
  return { ...found, fault: `${(result.errorInstance as Error).message}\nAgain: ${again}`, play: JSON.stringify(result.counterexample) };
}
