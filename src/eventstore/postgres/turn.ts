import { type Awaitable, assert, type SqlReads, type SqlRow, type SqlTransaction, VarveError } from '#base';
import { lost, outcomeUnknown, sqlState, storeFault, unavailable } from './faults.ts';
import type { Link } from './link.ts';
import { beginLong } from './silence.ts';

/** Reads on a connection, in whatever transaction it is. */
export function readsOn(link: Link, schema: string): SqlReads {
  return {
    schema,
    read: async <R extends SqlRow>(text: string, values?: readonly unknown[]) => {
      try {
        return (await link.ask<R>(text, values)).rows;
      } catch (fault) {
        throw told(fault);
      }
    },
  };
}

/** What a statement failed with, in words: what the server did not say itself is that the connection was lost. */
export const told = (fault: unknown): unknown =>
  fault instanceof VarveError || sqlState(fault) !== undefined ? storeFault(fault) : lost(fault);

/** A connection, as far as a transaction needs it. */
type Speaker = Pick<Link, 'ask' | 'say' | 'break' | 'isOpen' | 'brokenBy' | 'quietMs' | 'takeUnreplicated'>;

/** A transaction that writes, on a connection that has begun it. */
export class Turn implements SqlTransaction {
  readonly schema: string;
  readonly #link: Speaker;
  readonly #holdMs: number;
  readonly #sent: Promise<unknown>[] = [];
  /** Sends what somebody has put by. */
  #flush: () => void = () => {};
  /** What went wrong: the first is what matters, for all that come after it fail because of it. */
  readonly #faults: unknown[] = [];

  /** @param holdMs how long the server lets it be silent */
  constructor(link: Speaker, schema: string, holdMs: number) {
    this.#link = link;
    this.schema = schema;
    this.#holdMs = holdMs;
  }

  /** Calls it before definitions, and before the commit. */
  beforeEnd(flush: () => void): void {
    this.#flush = flush;
  }

  async read<R extends SqlRow>(text: string, values?: readonly unknown[]): Promise<readonly R[]> {
    return (await this.#watched(this.#link.ask<R>(text, values))).rows;
  }

  write(text: string, values?: readonly unknown[]): void {
    this.#sent.push(this.#watched(this.#link.ask(text, values)).catch(() => undefined));
  }

  async define(text: string): Promise<void> {
    this.#flush();
    await this.#watched(this.#link.say(text, { isPatient: true }));
  }

  /**
   * Commits. Throws the first fault of the transaction, also one that somebody caught; `OUTCOME_UNKNOWN` where COMMIT was sent and nothing tells what
   * became of it.
   *
   * @param after sends what the server is to do next, on the same way: also where it did not commit
   */
  async commit(after: () => Promise<unknown> = async () => undefined): Promise<void> {
    // The server has ended it, though that may not be heard yet: to send COMMIT would only leave open what becomes of it.
    if (this.#link.quietMs > this.#holdMs) this.#link.break(new Error(`the transaction was silent for over ${this.#holdMs} ms`));
    this.#flush();
    if (this.#faults.length > 0) throw told(this.#faults[0]);
    if (!this.#link.isOpen) throw lost(this.#link.brokenBy);
    const committing = this.#link.say('COMMIT');
    after().catch(() => undefined);
    const { command } = await committing.catch((fault) => this.#uncommitted(fault));
    await Promise.all(this.#sent);
    // A failed transaction is rolled back by COMMIT, which says so and does not fail.
    if (command !== 'COMMIT') throw told(this.#faults[0] ?? unavailable('it rolled the transaction back', undefined));
    const unreplicated = this.#link.takeUnreplicated();
    // It is here, but perhaps not on the standby that is to have it: after a failover it may be gone.
    if (unreplicated !== undefined) throw outcomeUnknown(unreplicated);
  }

  /** What the server has said of a statement before COMMIT, or of COMMIT and not as its last word, ended the transaction; else nobody knows. */
  async #uncommitted(fault: unknown): Promise<never> {
    await Promise.all(this.#sent);
    const [earlier] = this.#faults;
    if (sqlState(earlier) !== undefined) throw told(earlier);
    const state = sqlState(fault);
    const isSure = state !== undefined && (this.#link.isOpen || state === '25P03');
    throw isSure ? told(fault) : outcomeUnknown(fault);
  }

  async #watched<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (fault) {
      this.#faults.push(fault);
      throw told(this.#faults[0]);
    }
  }
}

/** A transaction that holds no lock of the log's, on a connection that is closed with it. */
export async function transactBeside(link: Link, schema: string, work: (connection: SqlTransaction) => Awaitable<void>): Promise<void> {
  try {
    await link.say(beginLong);
    const turn = new Turn(link, schema, Number.POSITIVE_INFINITY);
    await work(turn);
    await turn.commit();
  } catch (fault) {
    throw told(fault);
  } finally {
    await link.close();
  }
}

/** A moment on the writer's connection: who reads there may not write. */
export const readingTurn = (reads: SqlReads): SqlTransaction => ({
  ...reads,
  write: () => assert(false, 'Something was to be written in a moment that is for reading.'),
  define: async () => assert(false, 'Something was to be defined in a moment that is for reading.'),
});
