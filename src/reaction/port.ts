import type { Position, Timers } from '#base';
import type { EventCodec } from '#event';
import type { EventReader } from '#eventstore';

type Awaitable<T> = T | Promise<T>;

/** Where it is kept how far each reaction has come: durable, and beside the log, so that a copy of it holds them too. */
export interface ReactionNotes {
  /** How far a reaction has come; one that is not known stands at `first` from now on. */
  begin(name: string, first: Position): Awaitable<Position>;
  /** How far it has come; an operator may have had it pass over an event. */
  at(name: string): Awaitable<Position>;
  /** It has come so far, which is durable when this resolves. Never back, whoever else noted more. */
  note(name: string, position: Position): Awaitable<void>;
}

/** How a reaction stands. */
export interface ReactionState {
  readonly name: string;
  /** It is through with all events up to here. */
  readonly position: Position;
  /** What it tried last has not gone well, and is tried again. */
  readonly failing: boolean;
}

/** Who is told how reactions stand. Neither may throw. */
export interface ReactionListener {
  readonly onState: (state: ReactionState) => void;
  /** Told each time that something has not gone well: an answer, or a store. */
  readonly onFault: (fault: unknown, reaction: string) => void;
}

/** What reactions stand on. */
export interface ReactionParts extends ReactionListener {
  readonly log: Pick<EventReader, 'position' | 'read'>;
  readonly notes: ReactionNotes;
  readonly codec: EventCodec;
  readonly timers: Timers;
}
