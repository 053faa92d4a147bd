import type { Position } from '#base';
import type { Script } from '../../src/livestream/trail.fixture.ts';
import type { History } from './history.ts';
import type { Stored } from './stored.ts';

/**
 * What may be wrong after a run:
 * - `POSITION_GAP`, `VERSION_GAP`, `EVENT_TWICE`, `CHAIN_BROKEN`: the log by itself;
 * - `UNASKED`: an event or a receipt of a command that nobody sent;
 * - `COMMAND_TWICE`, `COMMAND_TORN`, `COMMAND_SPLIT`, `EVENT_NOT_AS_SENT`: a command's events are too many, too few, apart from each other, or others than were wished for;
 * - `RECEIPT_MISSING`, `RECEIPT_WRONG`, `RECEIPT_WITHOUT_EVENTS`: its receipt does not go with its events;
 * - `ACKNOWLEDGED_LOST`, `ANSWER_WRONG`, `ANSWERS_DIFFER`, `OUTCOME_CHANGED`: it was answered as what it is not;
 * - `REFUSED_LEFT`: it was refused, and yet something of it is there;
 * - `ORDER_BROKEN`: it stands before what its sender could have been shown already;
 * - `SESSION_WENT_BACK`, `READ_STALE`, `READ_BELOW_DEMAND`: a read saw less than its session, anyone, or its own demand had seen;
 * - `SHOWN_VANISHED`: somebody was shown what is not in the log;
 * - `SNAPSHOT_TORN`: what a read showed was not there all at once, at the position that it names;
 * - `STREAM_WRONG`: a live stream told something else than what happened;
 * - `ROWS_DIFFER`: a read table is not what the log gives;
 * - `STOCK_NEGATIVE`, `USERNAME_TAKEN`, `EVENT_IMPOSSIBLE`: the domain's own rules;
 * - `LOG_UNSOUND`: the log says what cannot be followed;
 * - `UNVERIFIED`: `varve verify` finds fault with the data folder;
 * - `FAULT_TOLD`: somebody was told of a fault that nothing explains.
 */
export type FindingCode =
  | 'POSITION_GAP'
  | 'VERSION_GAP'
  | 'EVENT_TWICE'
  | 'CHAIN_BROKEN'
  | 'UNASKED'
  | 'COMMAND_TWICE'
  | 'COMMAND_TORN'
  | 'COMMAND_SPLIT'
  | 'EVENT_NOT_AS_SENT'
  | 'RECEIPT_MISSING'
  | 'RECEIPT_WRONG'
  | 'RECEIPT_WITHOUT_EVENTS'
  | 'ACKNOWLEDGED_LOST'
  | 'ANSWER_WRONG'
  | 'ANSWERS_DIFFER'
  | 'OUTCOME_CHANGED'
  | 'REFUSED_LEFT'
  | 'ORDER_BROKEN'
  | 'SESSION_WENT_BACK'
  | 'READ_STALE'
  | 'READ_BELOW_DEMAND'
  | 'SHOWN_VANISHED'
  | 'SNAPSHOT_TORN'
  | 'STREAM_WRONG'
  | 'ROWS_DIFFER'
  | 'STOCK_NEGATIVE'
  | 'USERNAME_TAKEN'
  | 'EVENT_IMPOSSIBLE'
  | 'LOG_UNSOUND'
  | 'UNVERIFIED'
  | 'FAULT_TOLD';

/** Something that is wrong after a run, in a sentence. */
export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
}

/** A run that has ended: what is stored, and what clients did and were told. */
export interface Run {
  readonly stored: Stored;
  readonly history: History;
}

/** What a domain's log means, worked out by other means than its projections. */
export interface Model {
  /** A row at a position; undefined where there was none. */
  row(table: string, key: string, position: Position): Readonly<Record<string, unknown>> | undefined;
  /** What a live stream of this name has to say. */
  script(stream: string): Script;
}

/** A domain that runs are checked of. */
export interface CheckedDomain {
  /** Its own rules, at every position. */
  rules(events: Stored['events']): Iterable<Finding>;
  /** Throws where the log cannot be followed. */
  model(events: Stored['events']): Model;
}
