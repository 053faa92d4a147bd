import type { Awaitable, Position, Timers } from '#base';
import type { EventCodec } from '#event';
import type { EventReader } from '#eventstore';

/** Where it is kept how far each reaction has come, and who runs it: durable, and beside the log, so that a copy of it holds them too. */
export interface ReactionNotes {
  /** Has the log know a reaction: one that it did not know stands at `first` from now on. */
  begin(name: string, first: Position): Awaitable<void>;
  /** Takes the lease of a reaction. Where another process has it: how that one stands, as far as it has noted. */
  take(name: string): Awaitable<Lease | ReactionState>;
}

/** The right to run a reaction, which one process has at a time, for as long as it keeps it. */
export interface Lease {
  /** How far the reaction had come when it was taken. */
  readonly position: Position;
  /**
   * Keeps it for longer, and notes how the reaction stands, its position durably; never back, whoever else noted more. Answers how far it has come then: an
   * operator may have had it pass over an event. Throws `REACTION_LEASE_LOST` where another process has taken it: then nothing is noted.
   */
  keep(position: Position, failing: boolean): Awaitable<Position>;
  /** Leaves it to others at once; nothing where it is lost. */
  release(): Awaitable<void>;
}

/** What a store holds of reactions, whoever runs them: each is done on the caller's connection, and what writes in his transaction. */
export interface StoredReactions<Reads, Connection extends Reads = Reads> {
  /** How far each that the log knows has come, by name. */
  positions(reads: Reads): Awaitable<ReadonlyMap<string, Position>>;
  /** Has the log know these alone. */
  put(connection: Connection, positions: ReadonlyMap<string, Position>): Awaitable<void>;
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
