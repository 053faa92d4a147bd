import type { Position } from '#base';
import type { Reached } from '#readtable';

/** One message on its way to a reader, and its place: a position's messages come in the order of their keys. */
export interface Delivery<M> {
  readonly message: M;
  readonly position: Position;
  /** Empty where a position has one message at most. */
  readonly key: string;
  /**
   * How far a reader has come with it. undefined: nowhere that it could go on from, since more messages belong to it (a snapshot's rows but
   * the last, and a RESYNC).
   */
  readonly reached: Reached | undefined;
}

/** How a stream begins where its reader has seen nothing yet. */
export interface Beginning<M> {
  readonly deliveries: readonly Delivery<M>[];
  readonly reached: Reached;
}

/** What a reader missed, a page of it. */
export interface Missed<M> extends Beginning<M> {
  /** False: there may be more after `reached`. */
  readonly isAll: boolean;
}

/** What a live stream is made of: its present, its past, and what comes. Nothing is kept for any reader. */
export interface Feed<M> {
  /** Says all that tells its messages from another feed's: feeds of the same name give the same. */
  readonly name: string;
  /**
   * Hands over what comes from now on, whole positions, in order, in the commit's own turn; answers how to stop.
   *
   * @param miss told that something came which, by a bug, could not be handed over: it is stored, and to be read from there
   */
  watch(take: (deliveries: readonly Delivery<M>[]) => void, miss: () => void): () => void;
  /** How far everything has been handed over that concerns the feed. */
  position(): Position;
  /** How it begins. Where it begins without a snapshot, it does so just where it is: nothing is waited for, and so nothing can come meanwhile. */
  begin(rowsMax: number): Promise<Beginning<M>>;
  /** What came after a place, from what is stored, so many messages at most; undefined where that is no longer known. */
  missed(after: Reached, messagesMax: number): Promise<Missed<M> | undefined>;
  /**
   * What tells a reader that the stream begins anew. Where no snapshot follows it, it is itself a place to go on from: whatever comes after its
   * position is still to be told. undefined: the stream never begins anew, for its past is never forgotten.
   */
  resync(rowsMax: number): Delivery<M> | undefined;
}

/** Where a reader begins. */
export interface Start {
  /** What it has seen; left out: nothing. */
  readonly after?: Reached;
  /** How many rows a snapshot has at most, where it is of many. */
  readonly snapshotRowsMax: number;
}
