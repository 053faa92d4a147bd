import type { Position } from '#base';
import type { Reading } from '../../src/livestream/trail.fixture.ts';

/** A moment, as whoever keeps the history counts them: what happens later has a larger number, whoever did it. */
export type Tick = number;

/** What clients did and were told, as plain data: it can be written down, read again, and doctored. */
export interface History {
  readonly sendings: readonly Sending[];
  readonly reads: readonly Read[];
  readonly heard: readonly Heard[];
  /** Answers that no client should ever have been given: faults that nothing done to the server explains. */
  readonly faults: readonly string[];
}

/** One sending of a command. Sent again with its id, it is another sending. */
export interface Sending {
  /** Whoever does one thing after the other. */
  readonly session: string;
  readonly commandId: string;
  /** The command's name and input in one text: equal where the wish is the same. */
  readonly wish: string;
  /** The stream that its events belong into. */
  readonly stream: string;
  /** The events that it leaves where it takes effect, in order. */
  readonly leaves: readonly Wished[];
  /** True where it may find that there is nothing to do: then it is accepted, and leaves none. */
  readonly mayBeIdle: boolean;
  readonly sentAt: Tick;
  readonly answer: Answer;
}

/** An event that a command is to leave, as far as who sends it can know. */
interface Wished {
  readonly type: string;
  /** Fields of its data, as JSON has them. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What became of a sending, as its sender sees it. */
export type Answer =
  | { readonly is: 'accepted'; readonly at: Tick; readonly position: Position; readonly replayed: boolean }
  /** Refused, by the domain or with an error that says that nothing was stored. */
  | { readonly is: 'refused'; readonly at: Tick; readonly why: string }
  /** Nobody can tell whether it took effect, or may yet: a timeout, a cut, a 5xx, `OUTCOME_UNKNOWN`. */
  | { readonly is: 'unknown'; readonly why: string };

/** One operation that reads, and all that it was shown. */
export interface Read {
  readonly session: string;
  readonly sentAt: Tick;
  readonly answeredAt: Tick;
  /** The position that the answer says it was taken at. */
  readonly position: Position;
  /** The position that it demanded to see; 0: none. */
  readonly atLeast: Position;
  readonly rows: readonly ShownRow[];
}

/** A row as an answer showed it. */
export interface ShownRow {
  readonly table: string;
  readonly key: string;
  /** Null where the answer says that there is none. */
  readonly row: Readonly<Record<string, unknown>> | null;
}

/** All that was told of one live stream, connection by connection. */
export interface Heard {
  /** What the {@link Model} knows the stream by. */
  readonly stream: string;
  readonly readings: readonly Reading[];
  /** What its reader had been told of by then, looked at now and then; left out: nobody looked. */
  readonly seen?: readonly { readonly at: Tick; readonly position: Position }[];
}

/** Codes of errors that say that nothing was stored, and nothing of the command: sent again, it may well be accepted. */
export const nothingStored: ReadonlySet<string> = new Set([
  'OVERLOADED',
  'SHUTTING_DOWN',
  'STORAGE_FULL',
  'STORAGE_FAILED',
  'COMMAND_TOO_SLOW',
  'STORE_UNAVAILABLE',
  'LOG_BUSY',
  'SUPERSEDED',
]);

/** Codes of errors that say that nobody knows. */
export const nobodyKnows: ReadonlySet<string> = new Set(['OUTCOME_UNKNOWN', 'WRITER_BROKEN']);
