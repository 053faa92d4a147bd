import { limits } from '#base';
import type { ReactionParts } from './port.ts';
import type { Reaction } from './reaction.ts';
import { Runner } from './runner.ts';

/** All reactions of an application, running. */
export interface Reactor {
  /** The log has grown. */
  wake(): void;
  /** Begins no more answers, and waits for those that are under way, within `limits.reactionStopWaitMs`. */
  close(): Promise<void>;
}

/** Starts reactions, each where it has come to; independent of each other. Throws what the log and the notes throw. */
export async function startReactor(reactions: readonly Reaction[], parts: ReactionParts): Promise<Reactor> {
  const { log, notes, timers } = parts;
  const end = await log.position();
  const begun: (readonly [Reaction, number])[] = [];
  for (const one of reactions) begun.push([one, await notes.begin(one.name, one.from === 'start' ? 0 : end)]);
  const runners = begun.map(([one, noted]) => new Runner(one, noted, parts));
  const stopLooking = timers.every(limits.reactionLookMs, () => {
    for (const runner of runners) runner.look();
  });
  return {
    wake: () => {
      for (const runner of runners) runner.wake();
    },
    close: async () => {
      stopLooking();
      await Promise.all(runners.map((runner) => runner.close()));
    },
  };
}
