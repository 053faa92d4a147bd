import type { Position } from '#base';
import type { Command, Refusal } from '#decider';
import type { AnyRow } from '#readtable';

/** What a caller may say beside a command's input. */
export interface SendOptions {
  /** The caller's id for this one intent: sent again, it does nothing twice and answers the same (P5). Left out: a new one. */
  readonly commandId?: string;
  /** The aggregate's version that the caller decided on; where it has moved on, the command is refused. */
  readonly expectedVersion?: number;
  /** The conversation it belongs to; left out: this command begins one. */
  readonly correlationId?: string;
  /** The event or command that led to this one. */
  readonly causationId?: string;
  /** Who sends it. */
  readonly actor?: string;
}

/** A command on its way: checked input, and all that its events will say of where they come from. */
export interface Envelope {
  readonly command: Command;
  /** The input as its schema reads it. */
  readonly input: unknown;
  readonly commandId: string;
  /** True where the caller gave the id, so that it may have come before. */
  readonly mayRepeat: boolean;
  readonly inputHash: string;
  readonly expectedVersion: number | undefined;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly actor: string | null;
}

/** A command's end: accepted, or refused with nothing left behind (P8). */
export type Outcome = Accepted | Refused;

/** The command took effect, now or when it came first. */
export interface Accepted {
  readonly accepted: true;
  /** The log's position after it: reads at this position or later see it. */
  readonly position: Position;
  /** True where the same commandId was accepted before. */
  readonly replayed: boolean;
  /** The aggregate's id. */
  readonly id: string;
  /** The aggregate's row as the command left it, where the command changed it and the dispatcher was told which table's it is. */
  readonly row?: AnyRow;
}

/** The command was refused. */
export interface Refused {
  readonly accepted: false;
  readonly refusal: Refusal;
}
