import { assert, limits, type SqlTransaction, VarveError } from '#base';
import type { Awaitable, Beginning, BeginningMoment, Moment, WriteTransaction } from '../port.ts';
import { durably } from './durable.ts';
import { notice, notifyText } from './follow.ts';
import type { Link } from './link.ts';
import { LogTurn } from './log.ts';
import { beginMoment } from './moments.ts';
import { headText, logReader, since } from './reads.ts';
import { type HeadRow, headOf } from './rows.ts';
import { endedAfter } from './silence.ts';
import { readingTurn, readsOn, Turn, told } from './turn.ts';

/** What a writer stands on. */
export interface WriterParts {
  readonly log: string;
  readonly schema: string;
  /** Connects to the server that takes writes. */
  readonly connect: () => Promise<Link>;
  /** Told when it has connected anew: perhaps to another server than before. */
  readonly onConnected: () => void;
  readonly lockTimeoutMs?: number | undefined;
  readonly lockHoldMs?: number | undefined;
}

/** What a transaction sets for itself: nothing outlives it, so that it may come to any connection of a pooler. */
const settings = [
  "set_config('lock_timeout', $1, true)",
  // Frees the lock of a process that stands still.
  "set_config('idle_in_transaction_session_timeout', $2, true)",
  // Ended by it, COMMIT's wait for a standby would end as if the standby had it; the time-outs above and the connection's own bound the rest.
  "set_config('statement_timeout', '0', true)",
  durably,
  // A null in a list of texts stays one.
  "set_config('array_nulls', 'on', true)",
  // All that is read under the lock has its index; what the planner believes of a table that has just grown is not to lead away from it.
  "set_config('enable_seqscan', 'off', true)",
  "set_config('jit', 'off', true)",
];

/** The connection that writes, by one transaction after another. Where it broke, the next transaction connects anew. */
export class Writer {
  readonly #parts: WriterParts;
  readonly #holdMs: number;
  readonly #setAll: string;
  readonly #settings: readonly string[];
  #link: Link;
  #isClosed = false;

  constructor(link: Link, parts: WriterParts) {
    this.#link = link;
    this.#parts = parts;
    const { lockTimeoutMs = limits.lockTimeoutMs, lockHoldMs = limits.lockHoldMs } = parts;
    this.#holdMs = lockHoldMs;
    this.#settings = [String(lockTimeoutMs), String(lockHoldMs)];
    this.#setAll = `SELECT ${settings.join(', ')}, ${endedAfter(lockHoldMs)}`;
  }

  /** One transaction; whoever calls sees to it that one waits for the other. */
  async transact<T, Asked>(
    work: (transaction: WriteTransaction<SqlTransaction>, asked?: Asked) => Awaitable<T>,
    ask?: (beginning: Beginning<SqlTransaction>) => Asked,
  ): Promise<T> {
    const { link, head, turn, log, asked } = await this.#begun((on) => this.#hold(on, ask));
    try {
      log.standsAt(head);
      const done = await work(transactionOn(turn, log), asked);
      const { position } = log.head;
      await turn.commit(position > head.position ? () => link.ask(notifyText, [notice(this.#parts.log, position)]) : undefined);
      return done;
    } catch (fault) {
      undo(link, fault);
      throw fault;
    }
  }

  /** A moment, in its turn: it holds no lock. */
  async read<T, Asked>(
    work: (moment: Moment<SqlTransaction>, asked?: Asked) => Awaitable<T>,
    ask?: (beginning: BeginningMoment<SqlTransaction>) => Asked,
  ): Promise<T> {
    const { link, head, reads, begun, asked } = await this.#begun((on) => this.#look(on, ask));
    try {
      return await work({ ...logReader(reads), ...begun, head: () => head, position: () => head.position }, asked);
    } finally {
      link.say('COMMIT').catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#link.close();
  }

  /**
   * Begins, waits for the lock, and only then looks how far the log is: each statement sees what was committed before it began. So does what is asked for
   * with it, on the same way there and back.
   */
  async #hold<Asked>(link: Link, ask: ((beginning: Beginning<SqlTransaction>) => Asked) | undefined) {
    const { schema } = this.#parts;
    const turn = new Turn(link, schema, this.#holdMs);
    const log = new LogTurn(turn);
    const begun = Promise.all([
      link.say('BEGIN ISOLATION LEVEL READ COMMITTED'),
      link.ask(this.#setAll, this.#settings),
      link.ask(`SELECT is_lock FROM ${schema}.write_lock WHERE is_lock FOR UPDATE`),
      link.ask<HeadRow>(headText(schema)),
    ]);
    const asked = ask?.({ connection: turn, expect: (expected) => log.expect(expected), since: (...since) => log.since(...since) });
    const [, , lock, head] = await begun;
    if (lock.rows.length !== 1) throw noLock(this.#parts.log);
    return { link, head: headOf(head.rows[0]), turn, log, asked };
  }

  /** Read tables are read in it too: none is put in another's place meanwhile (see readtable/postgres/gate). */
  async #look<Asked>(link: Link, ask: ((beginning: BeginningMoment<SqlTransaction>) => Asked) | undefined) {
    const { schema } = this.#parts;
    const reads = readsOn(link, schema);
    const begin = `${beginMoment}; LOCK TABLE ${schema}.read_tables IN ACCESS SHARE MODE`;
    const said = Promise.all([link.say(begin), link.ask<HeadRow>(headText(schema))]);
    const begun: BeginningMoment<SqlTransaction> = { since: (...asked) => since(reads, ...asked), connection: readingTurn(reads) };
    const asked = ask?.(begun);
    const [, head] = await said;
    return { link, head: headOf(head.rows[0]), reads, begun, asked };
  }

  /** Begins on the connection that there is or, where that turns out to be of no use, on a new one: nothing was done yet. */
  async #begun<T>(begin: (link: Link) => Promise<T>): Promise<T> {
    assert(!this.#isClosed, 'This log is closed.', 'Open it again.');
    if (this.#link.isOpen)
      try {
        return await begunOn(this.#link, begin);
      } catch (fault) {
        if (!isOfConnection(fault)) throw fault;
      }
    this.#link = await this.#parts.connect();
    this.#parts.onConnected();
    return begunOn(this.#link, begin);
  }
}

async function begunOn<T>(link: Link, begin: (link: Link) => Promise<T>): Promise<T> {
  try {
    return await begin(link);
  } catch (fault) {
    const words = told(fault);
    undo(link, words);
    throw words;
  }
}

/** Rolls back, and does not wait for that. A connection that is of no use is given up. */
function undo(link: Link, fault: unknown): void {
  link.say('ROLLBACK').catch(() => undefined);
  if (isOfConnection(fault)) void link.close();
}

/** Without its row nobody would wait for anybody. */
export const noLock = (log: string): VarveError =>
  new VarveError({
    code: 'STORAGE_CORRUPT',
    message: `The log ${log} is damaged: its table write_lock is empty.`,
    hint: 'Look how far else it is damaged; keep a copy, and restore a backup.',
  });

const isOfConnection = (fault: unknown) => fault instanceof VarveError && /^(STORE_UNAVAILABLE|OUTCOME_UNKNOWN)$/.test(fault.code);

const transactionOn = (turn: Turn, log: LogTurn): WriteTransaction<SqlTransaction> => ({
  ...log.reader,
  connection: turn,
  since: (...asked) => log.since(...asked),
  expect: (expected) => log.expect(expected),
  sendOn: () => log.send(),
  append: (events, condition) => log.append(events, condition),
  keepReceipt: (receipt) => log.keepReceipt(receipt),
  forgetReceipts: (upTo, afterId) => log.forgetReceipts(upTo, afterId),
});
