import { type Clock, domainCode, limits, type NewId, newUuid, type Position, systemClock, throwAlone } from '#base';
import type { Command } from '#decider';
import type { Decodable, EventCodec } from '#event';
import type { Beginning, BeginningMoment, EventStore } from '#eventstore';
import { type Commit, type Projection, type Projector, projector, type RowsBounds } from '#projector';
import type { Journal, RowStore, Table } from '#readtable';
import { type Batch, Decisions, type Settled, Unprojectable, type Waiting } from './batch.ts';
import { Deciding } from './deciding.ts';
import type { Outcome, SendOptions } from './envelope.ts';
import { asFault, isOfAll, overloaded, shuttingDown } from './faults.ts';
import { foresee } from './foresight.ts';
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
  /**
   * Takes in what somebody else has committed or made anew; otherwise that is done with the next command.
   *
   * @param upTo not needed where the log is known up to there, at the latest when the batch that is under way is committed; left out: always
   */
  look(upTo?: Position): Promise<void>;
  /** How far the log is known here: what was committed up to it was told of, from the first look on. */
  readonly position: Position;
}

/**
 * Builds the dispatcher. Commands that arrive while a commit is under way are decided together in the next transaction: one
 * disk sync serves them all. A command that is refused or whose code throws leaves nothing and does not touch its neighbours.
 */
export function dispatcher<Connection>(parts: DispatcherParts<Connection>): LocalDispatcher {
  return new GroupCommit(parts);
}

/** How a batch is committed. */
interface How {
  readonly isOpen?: boolean;
  readonly isCareful?: boolean;
}

class GroupCommit<Connection> implements LocalDispatcher {
  readonly #log: EventStore<Connection>;
  readonly #projector: Projector<Connection>;
  readonly #means;
  readonly #decisions: Decisions<Connection>;
  readonly #deciding: Deciding;
  readonly #others: Others<Connection>;
  readonly #onCommit: OnCommit;
  readonly #onFault: (fault: unknown) => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  /** The batch that is under way, or the last one. */
  #committing: Promise<void> | undefined;
  #closed = false;

  constructor(parts: DispatcherParts<Connection>) {
    const { log, rows, journal, projections, codec, onCommit = () => {}, clock = systemClock, newId = newUuid, caches } = parts;
    const { rowOf = () => undefined, deciding = new Deciding(), onRebuilt = () => {}, onBehind = () => {} } = parts;
    const states = new States(codec, { ...caches, onPage: () => deciding.goOn() });
    this.#log = log;
    this.#projector = projector(projections, storingRows(rows, deciding), caches, () => deciding.goOn());
    this.#deciding = deciding;
    this.#means = { states, codec, clock, newId, rowOf, deciding };
    this.#decisions = new Decisions({ ...this.#means, projector: this.#projector, journal });
    this.#others = new Others({
      ...{ states, rows, journal, codec, projector: this.#projector, tables: projections.map(({ table }) => table) },
      onCommit: (commit, stored) => this.#tell(commit, stored),
      ...{ onBehind, onRebuilt },
    });
    this.#onCommit = onCommit;
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

  async look(upTo: Position = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#committing?.catch(() => undefined);
    if (this.#closed || this.#others.known >= upTo) return;
    const ask = (beginning: BeginningMoment<Connection>) => this.#others.ask(beginning, true);
    await this.#log.reading((moment, asked) => this.#others.takeIn(moment, asked), ask);
  }

  get position(): Position {
    return this.#others.known;
  }

  async #run(): Promise<void> {
    try {
      do {
        // A turn of the event loop: whatever has arrived by then shares the commit.
        await new Promise(setImmediate);
        this.#committing = this.#commit(this.#take(limits.batchCommandsMax), { isOpen: true });
        await this.#committing;
      } while (this.#queue.length > 0);
    } finally {
      this.#running = undefined;
    }
  }

  /** Those that have waited longest, so many at most. */
  #take(count: number): Waiting[] {
    const taken = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(taken.length);
    return taken;
  }

  /** @param how see `#decided` */
  async #commit(batch: Waiting[], how: How = {}): Promise<void> {
    let batched: Batch;
    try {
      batched = await this.#decided(batch, how);
    } catch (fault) {
      // It was thrown while a command was decided: that one is over, and must not be taken for one that stands still.
      this.#deciding.rest();
      this.#means.states.clear();
      this.#projector.forget();
      return this.#failed(batch, fault);
    }
    const { settled, commit, stored, head } = batched;
    if (commit) {
      this.#others.committed(head);
      this.#tell(commit, stored);
    }
    for (const [i, waiting] of batch.entries()) settle(waiting, settled[i]);
  }

  /** What nobody alone is to blame for is told to all. Else each meets its own fate: it may be one command's rows or events that the store refuses, or damage that it meets. */
  async #failed(batch: Waiting[], fault: unknown): Promise<void> {
    if (isOfAll(fault)) for (const { reject } of batch) reject(fault);
    else if (fault instanceof Unprojectable) await this.#commit(batch, { isCareful: true });
    else if (batch.length === 1) settle(batch[0], { fault });
    else await this.#commitEach(batch);
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

  /**
   * Commits a batch. A store that is far away is asked for what is foreseen while the transaction begins.
   *
   * @param how `isOpen`: who comes while the log's lock is waited for joins the batch; `isCareful`: see `Decisions`
   */
  #decided(batch: Waiting[], { isOpen = false, isCareful = false }: How): Promise<Batch> {
    const ask = (beginning: Beginning<Connection>) => {
      const expected = beginning.expect(foresee(batch, this.#means));
      // Where it fails, so does what begins the transaction, and that is told.
      expected.catch(() => undefined);
      return { others: this.#others.ask(beginning), expected };
    };
    return this.#log.transaction(async (transaction, asked) => {
      const before = this.#others.known;
      await this.#others.takeIn(transaction, asked?.others);
      await asked?.expected;
      const late = isOpen ? this.#take(limits.batchCommandsMax - batch.length) : [];
      batch.push(...late);
      // What others committed may have been too much to move on by what is remembered.
      const unforeseen = this.#others.known > before ? batch : late;
      if (unforeseen.length > 0) await transaction.expect?.(foresee(unforeseen, this.#means));
      return this.#decisions.decideAll(batch, storingEvents(transaction, this.#deciding), isCareful);
    }, ask);
  }
}

function settle(waiting: Waiting | undefined, settled: Settled | undefined): void {
  if (settled && 'outcome' in settled) waiting?.resolve(settled.outcome);
  else waiting?.reject(asFault(waiting.envelope, settled?.fault));
}
