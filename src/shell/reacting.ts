import type { Application } from '#application';
import { limits, systemTimers } from '#base';
import type { EventCodec } from '#event';
import type { Hub } from '#livestream';
import { type ReactionParts, type ReactionState, type Reactor, startReactor } from '#reaction';
import type { Place } from './place.ts';
import { startReactionThread } from './reactionworker.ts';

/** An application's reactions, while its log is open. */
export interface Reacting {
  /** How each stands, as far as it has said. */
  states(): readonly ReactionState[];
  close(): Promise<void>;
}

/** What an application's reactions need. */
export interface ReactingParts {
  readonly hub: Hub;
  readonly codec: EventCodec;
  /** What a writer in this thread has open, where reactions run too then; left out: they run in a thread of their own. */
  readonly here?: Pick<ReactionParts, 'log' | 'notes'> | undefined;
  /** Told each time that something has not gone well; left out: only {@link Reacting.states} says so. */
  readonly onFault?: ((fault: unknown) => void) | undefined;
}

/** Starts the reactions of an application whose log this process has opened; nothing is started where it has none. */
export async function startReacting(application: Application, place: Place, parts: ReactingParts): Promise<Reacting> {
  const { reactions } = application;
  const { hub, codec, here, onFault = () => {} } = parts;
  if (reactions.length === 0) return { states: () => [], close: async () => {} };
  const states = new Map<string, ReactionState>();
  const listener = {
    onState: (state: ReactionState) => void states.set(state.name, state),
    onFault,
    onBroken: (fault: unknown) => {
      for (const state of states.values()) states.set(state.name, { ...state, failing: true });
      onFault(fault);
    },
  };
  const timers = systemTimers;
  const reactor = here
    ? await startReactor(reactions, { ...listener, ...here, codec, timers })
    : await startReactionThread(application, place, listener, timers);
  const over = new AbortController();
  const waking = wakeOnCommits(reactor, hub, over.signal);
  return {
    states: () => [...states.values()],
    close: async () => {
      over.abort();
      await waking;
      await reactor.close();
    },
  };
}

async function wakeOnCommits(reactor: Reactor, hub: Hub, signal: AbortSignal): Promise<void> {
  for (let position = hub.position; !signal.aborted && !hub.closed; ) {
    await hub.past(position, signal);
    await new Promise<void>((resolve) => void systemTimers.after(limits.reactionWakeMs, resolve));
    position = hub.position;
    reactor.wake();
  }
}
