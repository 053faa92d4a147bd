import type { Decodable } from '#event';
import type { Head, WriteTransaction } from '#eventstore';
import type { Change, Commit, Projector, ProjectorWork } from '#projector';
import type { Journal, JournalEntry } from '#readtable';
import { type Decided, decide, isReady, type Means, project, type Ready, write } from './decide.ts';
import type { Deciding } from './deciding.ts';
import type { Envelope, Outcome } from './envelope.ts';
import { asFaultOfOne } from './faults.ts';

/** A command that waits for its answer. */
export interface Waiting {
  /** By which {@link Deciding} knows it. */
  readonly number: number;
  readonly envelope: Envelope;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (fault: unknown) => void;
}

/** What a command came to. */
export type Settled = Decided | { readonly fault: unknown };

/** What each command of a batch came to, in their order, and what all of them together. */
export interface Batch {
  readonly settled: readonly Settled[];
  readonly commit: Commit | undefined;
  readonly stored: readonly Decodable[];
  /** The log's, with them. */
  readonly head: Head;
}

/** Commands whose projections failed, after others had been decided on their events: all of the batch is to be undone. */
export class Unprojectable extends Error {
  readonly commands: ReadonlySet<Waiting>;
  readonly first: unknown;

  constructor(faults: ReadonlyMap<Waiting, unknown>) {
    super('Events of a batch cannot be projected.');
    this.commands = new Set(faults.keys());
    [this.first] = faults.values();
  }
}

/** What a {@link Decisions} stands on. */
export interface DecisionsParts<Connection> extends Means {
  readonly projector: Projector<Connection>;
  readonly journal: Journal<Connection>;
  readonly deciding: Deciding;
}

/** Works out, in one transaction, what the commands of a batch come to, each on what those before it did. */
export class Decisions<Connection> {
  readonly #parts: DecisionsParts<Connection>;

  constructor(parts: DecisionsParts<Connection>) {
    this.#parts = parts;
  }

  /** Decides and writes. What one command alone is to blame for is told as what it came to. Throws {@link Unprojectable}, and what the store throws. */
  async decideAll(batch: readonly Waiting[], transaction: WriteTransaction<Connection>): Promise<Batch> {
    const { deciding, projector, journal } = this.#parts;
    const decisions = new Map<Waiting, Ready | Settled>();
    for (const waiting of batch) {
      deciding.begin(waiting.number);
      const decision = await decide(waiting.envelope, transaction, this.#parts).catch(asFaultOfOne);
      deciding.rest();
      if (isReady(decision)) await write(decision, transaction);
      decisions.set(waiting, decision);
    }
    const work = projector.begin(transaction.connection);
    await this.#fetch(decisions, transaction, work);
    const settled = await this.#projectAll(decisions, work);
    await work.flush();
    const decided = settled.filter((one): one is Decided => 'outcome' in one);
    const commit = commitOf(decided);
    if (commit) await journal.append(transaction.connection, commit.position, commit.changes.map(entryOf));
    return { settled, commit, stored: decided.flatMap(({ stored }) => stored), head: await transaction.head() };
  }

  /** Where the store is far away, the rows that are changed are read in one go; after that it has the events to get on with. */
  async #fetch(
    decisions: ReadonlyMap<Waiting, Ready | Settled>,
    transaction: WriteTransaction<Connection>,
    work: ProjectorWork,
  ): Promise<void> {
    for (const [{ number }, decision] of decisions)
      if (isReady(decision)) this.#parts.deciding.during(number, () => work.foresee(decision.events));
    const fetched = work.fetch();
    transaction.sendOn?.();
    await fetched;
  }

  async #projectAll(decisions: ReadonlyMap<Waiting, Ready | Settled>, work: ProjectorWork): Promise<readonly Settled[]> {
    const { deciding } = this.#parts;
    const faults = new Map<Waiting, unknown>();
    const settled: Settled[] = [];
    for (const [waiting, decision] of decisions) {
      deciding.begin(waiting.number);
      const projected = isReady(decision) ? await project(decision, work, this.#parts).catch(asFaultOfOne) : decision;
      if (isReady(decision) && 'fault' in projected) {
        work.drop();
        faults.set(waiting, projected.fault);
      }
      settled.push(projected);
    }
    deciding.rest();
    if (faults.size > 0) throw new Unprojectable(faults);
    return settled;
  }
}

/** What a batch makes true; undefined where it leaves no event. */
function commitOf(decided: readonly Decided[]): Commit | undefined {
  const events = decided.flatMap((one) => one.events);
  const position = events.at(-1)?.position;
  return position === undefined ? undefined : { position, events, changes: decided.flatMap(({ changes }) => changes) };
}

const entryOf = ({ table, key, before, cause }: Change): JournalEntry => ({ table, key, before, position: cause.position });
