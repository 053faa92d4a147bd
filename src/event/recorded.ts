import type { Position } from '#base';

/** Who and what stands behind an event: the same for all events of one command. */
export interface Metadata {
  /** The command that caused it. */
  readonly commandId: string;
  /** The conversation it belongs to: the first command's id, handed on. */
  readonly correlationId: string;
  /** The event or command that led to its command, where one did. */
  readonly causationId: string | null;
  /** Who sent the command; null where nobody signed in. */
  readonly actor: string | null;
}

/** A fact as a decider gives it: not yet in the log. */
export interface Fact<Type extends string = string, Data = unknown> {
  /** The aggregate's kind: `order`. */
  readonly category: string;
  readonly type: Type;
  readonly data: Data;
}

/** A fact as the log has it. */
export interface Recorded<Type extends string = string, Data = unknown> extends Fact<Type, Data> {
  readonly eventId: string;
  readonly position: Position;
  /** Aggregate and its id: `order-536365`. */
  readonly stream: string;
  /** The aggregate's id: `536365`. */
  readonly id: string;
  /** Place in the stream, from 1. */
  readonly version: number;
  readonly recordedAt: Date;
  readonly metadata: Metadata;
}
