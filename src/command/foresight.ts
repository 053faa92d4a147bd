import type { Clock } from '#base';
import type { Expected, QueryItem } from '#eventstore';
import type { Deciding } from './deciding.ts';
import type { Envelope } from './envelope.ts';
import type { States } from './states.ts';

/** A command that waits to be decided. */
interface Coming {
  readonly number: number;
  readonly envelope: Envelope;
}

/** What is known of how commands will be decided. */
interface Known {
  readonly states: States;
  readonly clock: Clock;
  readonly deciding: Deciding;
}

/**
 * What the commands of a batch are going to ask a store for that is far away, so that it is asked once: their receipts, and the events that their states are folded from, as far as those are not remembered. It only guesses: what a command then asks for and was not foreseen is read where it is asked
 * for. What throws here throws there as well, and is told there.
 */
export function foresee(batch: readonly Coming[], { states, clock, deciding }: Known): Expected {
  const [commandIds, items]: [string[], QueryItem[]] = [[], []];
  for (const { number, envelope } of batch) {
    const guess = () => {
      const { command, input, commandId, mayRepeat } = envelope;
      if (mayRepeat) commandIds.push(commandId);
      const id = command.stream(input);
      const readings = Object.values(command.reads(input, clock.now()));
      for (const { fold, keys } of [{ fold: command.decider, keys: [id] }, ...readings])
        for (const key of keys) if (!states.peek(fold, key)) items.push(fold.select(key));
    };
    try {
      deciding.during(number, guess);
    } catch {
      // It will be told so when it is decided.
    }
  }
  return { commandIds, items };
}
