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

/** The events of a command cannot be projected, and others were decided on them: all of the batch is to be undone, and decided with care. */
export class Unprojectable extends Error {}

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

  /**
   * Decides, writes and projects. What one command alone is to blame for is told as what it came to. Throws {@link Unprojectable}, and what the store throws.
   *
   * @param isCareful each command is projected before it is written, and before the next one is decided: then none is unprojectable
   */
  async decideAll(batch: readonly Waiting[], transaction: WriteTransaction<Connection>, isCareful: boolean): Promise<Batch> {
    const work = this.#parts.projector.begin(transaction.connection);
    const settled = isCareful ? await this.#eachInTurn(batch, transaction, work) : await this.#allAtOnce(batch, transaction, work);
    await work.flush();
    const decided = settled.filter((one): one is Decided => 'outcome' in one);
    const commit = commitOf(decided);
    if (commit) await this.#parts.journal.append(transaction.connection, commit.position, commit.changes.map(entryOf));
    return { settled, commit, stored: decided.flatMap(({ stored }) => stored), head: await transaction.head() };
  }

  async #eachInTurn(
    batch: readonly Waiting[],
    transaction: WriteTransaction<Connection>,
    work: ProjectorWork,
  ): Promise<readonly Settled[]> {
    const settled: Settled[] = [];
    for (const waiting of batch) {
      const decision = await this.#decide(waiting, transaction);
      const projected = isReady(decision) ? await this.#project(waiting, decision, work) : decision;
      if (isReady(decision) && 'outcome' in projected) await write(decision, transaction);
      settled.push(projected);
    }
    return settled;
  }

  /** Where the store is far away, the rows that are changed are read in one go; after that it has the events to get on with. */
  async #allAtOnce(batch: readonly Waiting[], transaction: WriteTransaction<Connection>, work: ProjectorWork): Promise<readonly Settled[]> {
    const decisions = new Map<Waiting, Ready | Settled>();
    for (const waiting of batch) {
      const decision = await this.#decide(waiting, transaction);
      if (isReady(decision)) {
        await write(decision, transaction);
        this.#parts.deciding.during(waiting.number, () => work.foresee(decision.events));
      }
      decisions.set(waiting, decision);
    }
    const fetched = work.fetch();
    transaction.sendOn?.();
    await fetched;
    const settled: Settled[] = [];
    for (const [waiting, decision] of decisions) {
      const projected = isReady(decision) ? await this.#project(waiting, decision, work) : decision;
      if (isReady(decision) && 'fault' in projected) throw new Unprojectable();
      settled.push(projected);
    }
    return settled;
  }

  async #decide({ number, envelope }: Waiting, transaction: WriteTransaction<Connection>): Promise<Ready | Settled> {
    this.#parts.deciding.begin(number);
    const decision = await decide(envelope, transaction, this.#parts).catch(asFaultOfOne);
    this.#parts.deciding.rest();
    return decision;
  }

  async #project({ number }: Waiting, decision: Ready, work: ProjectorWork): Promise<Settled> {
    this.#parts.deciding.begin(number);
    const projected = await project(decision, work, this.#parts).catch((fault: unknown) => {
      work.drop();
      return asFaultOfOne(fault);
    });
    this.#parts.deciding.rest();
    return projected;
  }
}

/** What a batch makes true; undefined where it leaves no event. */
function commitOf(decided: readonly Decided[]): Commit | undefined {
  const events = decided.flatMap((one) => one.events);
  const position = events.at(-1)?.position;
  return position === undefined ? undefined : { position, events, changes: decided.flatMap(({ changes }) => changes) };
}

const entryOf = ({ table, key, before, cause }: Change): JournalEntry => ({ table, key, before, position: cause.position });
