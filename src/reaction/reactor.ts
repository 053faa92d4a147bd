import { limits } from '#base';
import { Holding } from './holding.ts';
import type { ReactionParts } from './port.ts';
import type { Reaction } from './reaction.ts';

/** All reactions of an application, running. */
export interface Reactor {
  /** The log has grown. */
  wake(): void;
  /** Begins no more answers, and waits for those that are under way, within `limits.reactionStopWaitMs`. */
  close(): Promise<void>;
}

/**
 * Starts reactions, each where it has come to, independent of each other; those whose lease another process has are taken when it lets go of them. Throws what
 * the log and the notes throw.
 */
export async function startReactor(reactions: readonly Reaction[], parts: ReactionParts): Promise<Reactor> {
  const { log, notes, timers } = parts;
  const end = await log.position();
  for (const one of reactions) await notes.begin(one.name, one.from === 'start' ? 0 : end);
  const holdings = reactions.map((one) => new Holding(one, parts));
  await Promise.all(holdings.map((one) => one.take()));
  const stopLooking = timers.every(limits.reactionLookMs, () => {
    for (const one of holdings) one.look();
  });
  return {
    wake: () => {
      for (const one of holdings) one.wake();
    },
    close: async () => {
      stopLooking();
      await Promise.all(holdings.map((one) => one.close()));
    },
  };
}
