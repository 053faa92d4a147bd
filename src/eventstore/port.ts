import { type Awaitable, type Position, VarveError } from '#base';
import type { Metadata } from '#event';

/**
 * The event store's port, in the terms of the DCB specification (https://dcb.events): a log that is read by
 * query and appended to under a condition. A stream with an expected version is its commonest case.
 * Adapters answer at once or by a promise; whoever calls awaits.
 */
export type { Awaitable };

/** To be read by `for await`. */
export type Pages<T> = Iterable<readonly T[]> | AsyncIterable<readonly T[]>;

/** An event on its way into the log. The store gives it its position and version. */
export interface NewEvent {
  readonly eventId: string;
  readonly stream: string;
  readonly type: string;
  /** Version of the shape of `data`, from 1. */
  readonly schemaVersion: number;
  /** JSON text in canonical form (RFC 8785): it is hashed as it stands. */
  readonly data: string;
  /** What else the event concerns: `product:85123A`. */
  readonly tags: readonly string[];
  readonly metadata: Metadata;
  readonly recordedAt: Date;
}

/** An event in the log. Its tags serve queries only; they are derived from its data. */
export interface StoredEvent extends Omit<NewEvent, 'tags'> {
  readonly position: Position;
  readonly version: number;
}

/** An event as the chain of hashes has it: with all its tags, and its link. */
export interface ChainedEvent extends StoredEvent {
  /** Sorted. */
  readonly tags: readonly string[];
  /** See {@link linkOf}; null where there is none, which no program leaves. */
  readonly hash: string | null;
}

/** The last event's position and hash: who notes it elsewhere can tell later whether the log still begins with what was there. */
export interface Head {
  readonly position: Position;
  /** SHA-256 in hex; null of an empty log. */
  readonly hash: string | null;
}

/** Events for which all holds that is said: the stream, any of the types, every one of the tags. */
export interface QueryItem {
  readonly stream?: string;
  readonly types?: readonly string[];
  readonly tags?: readonly string[];
}

/** Events that match any of the items; `'all'` is every event. An empty list matches none. */
export type Query = 'all' | readonly QueryItem[];

/** An event, with those of its tags, as they were stored, that the query which found it names. */
export interface TaggedEvent {
  readonly event: StoredEvent;
  readonly tags: readonly string[];
}

/** Where to read from, and how much at most. */
export interface ReadOptions {
  /** Only events after this position; left out: from the first. */
  readonly after?: Position;
  /** At most so many events; left out: `limits.readEventsMax`. */
  readonly limit?: number;
}

/** The append is refused with {@link AppendConflict} where an event after `after` matches the query. */
export interface AppendCondition {
  readonly failIfEventsMatch: Query;
  /** What the decision has seen; left out: nothing. */
  readonly after?: Position;
  /** The last version of the stream that all the events are of, where the decision was made on it in the same transaction: it need not be looked up. */
  readonly version?: number;
}

/** What an accepted command id led to; written in the events' own transaction (P5). */
export interface Receipt {
  readonly commandId: string;
  /** SHA-256 over the command's name and canonical input. */
  readonly inputHash: string;
  /** JSON text. */
  readonly outcome: string;
  /** The log's position after the command. */
  readonly position: Position;
}

/**
 * The id of a receipt that is no command's: no command has an empty id. The receipts of commands that ended at its position or before it may have been
 * forgotten. It goes wherever receipts go: into backups and exports.
 */
export const forgottenId = '';

/** What the commands of a batch are going to ask for, as far as that is known before any of them is decided. */
export interface Expected {
  /** Whose receipts. */
  readonly commandIds: readonly string[];
  /** Which events `readTagged` is going to be asked for, from the first on. */
  readonly items: readonly QueryItem[];
}

/** Reading the log. */
export interface EventReader {
  /** The last event's position; 0 where the log is empty. */
  position(): Awaitable<Position>;
  /** Matching events in the order of their positions. */
  read(query: Query, options?: ReadOptions): Awaitable<readonly StoredEvent[]>;
  /** The same, each event once however many of the items it matches, and with what tells which: for many states that are folded at one go. */
  readTagged(items: readonly QueryItem[], options?: ReadOptions): Awaitable<readonly TaggedEvent[]>;
  /** The stream's last version; 0 where it has no event. */
  version(stream: string): Awaitable<number>;
  receipt(commandId: string): Awaitable<Receipt | undefined>;
  head(): Awaitable<Head>;
}

/** The log at one moment. `Connection` is the store's own handle, for whoever keeps tables beside the log. */
export interface Moment<Connection> extends EventReader {
  readonly connection: Connection;
  /** The events after a position, at most so many, with all their tags: what others committed. Left out: nobody else writes. */
  since?(after: Position, limit: number): Awaitable<readonly ChainedEvent[]>;
}

/** One writer's turn: nobody else writes until it ends. Reads see what it has appended. */
export interface WriteTransaction<Connection> extends Moment<Connection> {
  /** Told what is going to be asked for: a store that is far away reads it all at once. Left out: nothing is far. */
  expect?(expected: Expected): Promise<void>;
  /** Sends on what was appended so far, and does not wait: a store that is far away gets on with it meanwhile. Left out: nothing is far. */
  sendOn?(): void;
  /** Gives positions and versions, contiguous both, and returns the events with them. Throws {@link AppendConflict}. */
  append(events: readonly NewEvent[], condition?: AppendCondition): Awaitable<readonly StoredEvent[]>;
  /** Throws where the command id has a receipt already. */
  keepReceipt(receipt: Receipt): Awaitable<void>;
  /**
   * Forgets the receipts of commands that ended at a position or before it, but not of those that ended at it without an event, which may have come long
   * after the event there: of the next `limits.receiptsForgottenMax` receipts in the order of their ids, after the one that is given. Answers the last of these ids; undefined where there are no more. The log notes up to where it has forgotten: see {@link forgottenId}.
   */
  forgetReceipts(upTo: Position, afterId: string): Awaitable<string | undefined>;
}

/** A moment of a store that is far away, which is just being begun: what is asked for now goes with what begins it, and is answered as it is when it has begun. */
export type BeginningMoment<Connection> = Pick<Moment<Connection>, 'connection' | 'since'>;

/** The same of a transaction. */
export type Beginning<Connection> = BeginningMoment<Connection> & Required<Pick<WriteTransaction<Connection>, 'expect'>>;

/** A log. */
export interface EventStore<Connection = unknown> extends EventReader {
  /** `memory`, `sqlite`, `postgres`: what `/health` says. */
  readonly kind: string;
  /**
   * Runs the work alone and commits, durably, before it resolves (P1); where the work throws, all of it is undone.
   * A commit that fails throws `STORAGE_FULL`, or `OUTCOME_UNKNOWN` where it may be there all the same; both are retryable.
   *
   * @param ask called by a store that is far away before the work, which is handed what it answers; again where the store has to begin anew. It must
   *   not throw; where what it asks for fails, so does the work's turn
   */
  transaction<T, Asked>(
    work: (transaction: WriteTransaction<Connection>, asked?: Asked) => Awaitable<T>,
    ask?: (beginning: Beginning<Connection>) => Asked,
  ): Promise<T>;
  /**
   * Runs the work in its turn among the transactions, but writes nothing and takes no lock: others may write meanwhile. All that it reads is of one
   * moment.
   *
   * @param ask as of {@link transaction}
   */
  reading<T, Asked>(
    work: (moment: Moment<Connection>, asked?: Asked) => Awaitable<T>,
    ask?: (beginning: BeginningMoment<Connection>) => Asked,
  ): Promise<T>;
  /** One append in a transaction of its own. */
  append(events: readonly NewEvent[], condition?: AppendCondition): Promise<readonly StoredEvent[]>;
  /** The events after a position up to the last one that there is when it begins, a page at a time, as the chain has them. */
  chain(after?: Position): Pages<ChainedEvent>;
  close(): Awaitable<void>;
}

/** Somebody appended, after what the decision had seen, an event that its condition excludes. Decide again. */
export class AppendConflict extends VarveError {
  constructor(condition: AppendCondition) {
    super({
      code: 'APPEND_CONFLICT',
      message: `An event after position ${condition.after ?? 0} matches the append's condition.`,
      hint: 'Read again, decide again, append again.',
      retryable: true,
    });
  }
}
