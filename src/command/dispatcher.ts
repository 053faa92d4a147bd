import {
  type Clock,
  DomainFault,
  domainCode,
  limits,
  type NewId,
  newUuid,
  type Position,
  systemClock,
  textOf,
  throwAlone,
  VarveError,
} from '#base';
import type { Command } from '#decider';
import type { Decodable, EventCodec } from '#event';
import type { EventStore, Head, Moment, WriteTransaction } from '#eventstore';
import { type Change, type Commit, type Projection, type Projector, projector, type RowsBounds } from '#projector';
import type { Journal, JournalEntry, RowStore, Table } from '#readtable';
import { type Decided, decide, isReady, write } from './decide.ts';
import { Deciding } from './deciding.ts';
import type { Envelope, Outcome, SendOptions } from './envelope.ts';
import { overloaded, shuttingDown } from './faults.ts';
import { Foresight } from './foresight.ts';
import { Others } from './others.ts';
import { seal } from './seal.ts';
import { States, type StatesBounds } from './states.ts';
import { storingEvents, storingRows } from './storing.ts';

/** Told of a commit; with its events as the log has them. */
export type OnCommit = (commit: Commit, stored: readonly Decodable[]) => void;

/** What a dispatcher stands on. */
export interface DispatcherParts<Connection> {
  readonly log: EventStore<Connection>;
  readonly rows: RowStore<Connection>;
  /** Keeps each commit's row changes, in its transaction. */
  readonly journal: Journal<Connection>;
  readonly projections: readonly Projection[];
  readonly codec: EventCodec;
  /** The table whose row, as a command left it, goes with its answer; left out: none does. */
  readonly rowOf?: (command: Command) => Table | undefined;
  /** Told of each commit, in order, before its commands are answered; of those of other processes too, before anything is decided on them. */
  readonly onCommit?: OnCommit;
  /** Told that others have committed so much, up to this position, that nobody is told of it: whoever follows it reads it from the log. */
  readonly onBehind?: ((position: Position) => void) | undefined;
  /** Told that somebody else has made read tables anew, before the next commit. */
  readonly onRebuilt?: () => void;
  /** Told where `onCommit` threw: its commands are accepted and answered all the same. Left out: it is thrown where nobody catches it. */
  readonly onFault?: (fault: unknown) => void;
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** Told which command is being decided, for whoever watches that it ends. */
  readonly deciding?: Deciding;
  /** How much the writer remembers; left out: `limits`. */
  readonly caches?: StatesBounds & RowsBounds;
}

/** The one way into the log. */
export interface Dispatcher {
  /**
   * Sends a command. Accepted, it is durable before this resolves (P1) and every read sees it (P4). Rejects with a
   * {@link VarveError}: `OVERLOADED`, `STORAGE_FULL` and `OUTCOME_UNKNOWN` (all retryable), `SHUTTING_DOWN`, `STORAGE_FAILED`, or `BUG` where domain code threw.
   */
  send(command: Command, input: unknown, options?: SendOptions): Promise<Outcome>;
  /** Refuses new commands; resolves when those under way are answered. */
  close(): Promise<void>;
}

/** A dispatcher that decides in this thread. */
export interface LocalDispatcher extends Dispatcher {
  /** Takes in what somebody else has committed or made anew; otherwise that is done with the next command. */
  look(): Promise<void>;
  /** How far the log is known here: what was committed up to it was told of, from the first look on. */
  readonly position: Position;
}

interface Waiting {
  /** By which {@link Deciding} knows it. */
  readonly number: number;
  readonly envelope: Envelope;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: unknown) => void;
}

type Settled = Decided | { readonly fault: unknown };

/** What each command of a batch came to, and what all of them together. */
interface Batch {
  readonly settled: readonly Settled[];
  readonly commit: Commit | undefined;
  readonly stored: readonly Decodable[];
  /** The log's, with them. */
  readonly head: Head;
}

/**
 * Builds the dispatcher. Commands that arrive while a commit is under way are decided together in the next transaction: one
 * disk sync serves them all. A command that is refused or whose code throws leaves nothing and does not touch its neighbours.
 */
export function dispatcher<Connection>(parts: DispatcherParts<Connection>): LocalDispatcher {
  return new GroupCommit(parts);
}

class GroupCommit<Connection> implements LocalDispatcher {
  readonly #log: EventStore<Connection>;
  readonly #journal: Journal<Connection>;
  readonly #rows: RowStore<Connection>;
  readonly #projector: Projector<Connection>;
  readonly #means;
  readonly #deciding: Deciding;
  readonly #foresight: Foresight<Connection>;
  readonly #others: Others<Connection>;
  readonly #onCommit: OnCommit;
  readonly #onRebuilt: () => void;
  readonly #onFault: (fault: unknown) => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: DispatcherParts<Connection>) {
    const { log, rows, journal, projections, codec, onCommit = () => {}, clock = systemClock, newId = newUuid, caches } = parts;
    const { rowOf = () => undefined, deciding = new Deciding(), onRebuilt = () => {}, onBehind = () => {} } = parts;
    const states = new States(codec, { ...caches, onPage: () => deciding.goOn() });
    this.#log = log;
    this.#journal = journal;
    this.#rows = rows;
    this.#foresight = new Foresight({ states, rows, projections, clock, deciding });
    this.#projector = projector(projections, storingRows(this.#foresight.rows, deciding), caches, () => deciding.goOn());
    this.#deciding = deciding;
    this.#means = { states, codec, clock, newId, rowOf };
    this.#others = new Others({
      ...{ states, journal, codec, projector: this.#projector, tables: projections.map(({ table }) => table) },
      onCommit: (commit, stored) => this.#tell(commit, stored),
      onBehind,
    });
    this.#onCommit = onCommit;
    this.#onRebuilt = onRebuilt;
    this.#onFault = parts.onFault ?? throwAlone;
  }

  async send(command: Command, input: unknown, options: SendOptions = {}): Promise<Outcome> {
    if (this.#closed) throw shuttingDown();
    if (this.#queue.length >= limits.queueCommandsMax) throw overloaded();
    const number = this.#deciding.sent;
    const sealed = this.#deciding.during(number, () => domainCode(() => seal(command, input, options, this.#means.newId)));
    if ('rejection' in sealed) return { accepted: false, refusal: sealed };
    return new Promise((resolve, reject) => {
      this.#queue.push({ number, envelope: sealed, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async look(): Promise<void> {
    if (!this.#closed) await this.#log.reading((moment) => this.#takeIn(moment));
  }

  get position(): Position {
    return this.#others.known;
  }

  /** Rows of a table that was made anew are not those that are remembered. */
  async #takeIn(moment: Moment<Connection>): Promise<void> {
    const tables = (await this.#rows.rebuilt?.(moment.connection)) ?? [];
    if (tables.length > 0) {
      this.#projector.forget();
      this.#onRebuilt();
    }
    await this.#others.takeIn(moment);
  }

  async #run(): Promise<void> {
    try {
      do {
        // A turn of the event loop: whatever has arrived by then shares the commit.
        await new Promise(setImmediate);
        const batch = this.#queue.slice(0, limits.batchCommandsMax);
        this.#queue = this.#queue.slice(batch.length);
        await this.#commit(batch);
      } while (this.#queue.length > 0);
    } finally {
      this.#running = undefined;
    }
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    let batched: Batch;
    try {
      batched = await this.#log.transaction((transaction) => this.#decideAll(batch, transaction));
    } catch (fault) {
      // It was thrown while a command was decided: that one is over, and must not be taken for one that stands still.
      this.#deciding.rest();
      this.#means.states.clear();
      this.#projector.forget();
      // One command's rows or events, or damage that it meets, may be what the store refuses: alone, each meets its own fate.
      if (batch.length > 1 && !isOfAll(fault)) await this.#commitEach(batch);
      else for (const { envelope, reject } of batch) reject(isOfAll(fault) ? fault : asFault(envelope, fault));
      return;
    }
    const { settled, commit, stored, head } = batched;
    if (commit) {
      this.#others.committed(head);
      this.#tell(commit, stored);
    }
    for (const [i, waiting] of batch.entries()) settle(waiting, settled[i]);
  }

  async #commitEach(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) {
      // A turn of the event loop: what the one before came to is told before this one's code may stand still.
      await new Promise(setImmediate);
      await this.#commit([waiting]);
    }
  }

  #tell(commit: Commit, stored: readonly Decodable[]): void {
    try {
      this.#onCommit(commit, stored);
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  async #decideAll(batch: readonly Waiting[], asGiven: WriteTransaction<Connection>): Promise<Batch> {
    await this.#takeIn(asGiven);
    const transaction = storingEvents(asGiven, this.#deciding);
    await this.#foresight.begin(batch, transaction);
    const work = this.#projector.begin(transaction.connection);
    const settled: Settled[] = [];
    for (const { number, envelope } of batch) {
      this.#deciding.begin(number);
      const decided = await decide(envelope, transaction, work, this.#means).catch((fault: unknown) => {
        // Domain code's faults are told as such, whatever they say: all else but ours was thrown by the store.
        if (!(fault instanceof VarveError) || isOfAll(fault)) throw fault;
        work.drop();
        return { fault };
      });
      if (!('fault' in decided) && isReady(decided)) {
        this.#deciding.rest();
        await write(decided, transaction, work);
      }
      settled.push(decided);
    }
    this.#deciding.rest();
    await work.flush();
    const decided = settled.filter((one): one is Decided => 'outcome' in one);
    const commit = commitOf(decided);
    if (commit) await this.#journal.append(transaction.connection, commit.position, commit.changes.map(entryOf));
    return { settled, commit, stored: decided.flatMap(({ stored }) => stored), head: await transaction.head() };
  }
}

/** What a batch makes true; undefined where it leaves no event. */
function commitOf(decided: readonly Decided[]): Commit | undefined {
  const events = decided.flatMap((one) => one.events);
  const position = events.at(-1)?.position;
  return position === undefined ? undefined : { position, events, changes: decided.flatMap(({ changes }) => changes) };
}

const entryOf = ({ table, key, before, cause }: Change): JournalEntry => ({ table, key, before, position: cause.position });

function settle({ envelope, resolve, reject }: Waiting, settled: Settled | undefined): void {
  if (settled && 'outcome' in settled) resolve(settled.outcome);
  else reject(asFault(envelope, settled?.fault));
}

/** Domain code that throws is a bug, whatever it throws. */
function asFault({ command, commandId }: Envelope, fault: unknown): VarveError {
  if (fault instanceof VarveError && !(fault instanceof DomainFault)) return fault;
  const cause = fault instanceof DomainFault ? fault.cause : fault;
  return new VarveError({
    code: 'BUG',
    message: `The command ${command.name} (${commandId}) failed in its decider or a projection: ${textOf(cause)}`,
    hint: 'Nothing of it was stored. Mend the code that the stack names.',
    cause,
  });
}

/** Of what a store throws, what met every command alike: a disk that takes nothing, a commit that may be there, a lock that is not given. */
const isOfAll = (fault: unknown) =>
  fault instanceof Error &&
  'code' in fault &&
  /^(STORAGE_FULL|STORAGE_FAILED|STORE_UNAVAILABLE|STORE_RIGHTS_MISSING|LOG_BUSY|SUPERSEDED|OUTCOME_UNKNOWN|SQLITE_BUSY.*)$/.test(
    String(fault.code),
  );
