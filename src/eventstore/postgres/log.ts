import { assert, limits, type Position, type SqlReads } from '#base';
import { EventsAhead } from '../ahead.ts';
import { linkOf } from '../chain.ts';
import {
  type AppendCondition,
  AppendConflict,
  type Awaitable,
  type ChainedEvent,
  type EventReader,
  type Expected,
  forgottenId,
  type Head,
  type NewEvent,
  type QueryItem,
  type Receipt,
  type StoredEvent,
  type TaggedEvent,
} from '../port.ts';
import { Inserts } from './inserts.ts';
import { logReader, receiptsOf, since, versionsOf } from './reads.ts';
import { assertStorable, assertText } from './storable.ts';
import type { Turn } from './turn.ts';

/**
 * The log in one transaction that holds its lock. Positions, versions and hashes are given here; what is to be inserted is put by until it is read or
 * committed, and goes in a few statements, however much it is.
 */
export class LogTurn {
  readonly #turn: Turn;
  /** Reads of the log see what was appended; those of other tables need not wait for it. */
  readonly #reads: SqlReads;
  readonly #reader: EventReader;
  /** Last versions of streams that were looked up here, or appended to. */
  readonly #versions = new Map<string, number>();
  readonly #inserts: Inserts;
  /** What is known of receipts: under the lock, that there is none stays true. */
  readonly #receipts = new Map<string, Receipt | undefined>();
  /** What was read of the log before it is asked for. */
  readonly #ahead: EventsAhead[] = [];
  /** It was more than can be read at once: what is asked for is read when it is. */
  #isTooMuch = false;
  #head: Head = { position: 0, hash: null };

  constructor(turn: Turn) {
    this.#turn = turn;
    this.#inserts = new Inserts(turn);
    const read: SqlReads['read'] = (text, values) => {
      this.send();
      return turn.read(text, values);
    };
    this.#reads = { schema: turn.schema, read };
    this.#reader = logReader(this.#reads);
    turn.beforeEnd(() => this.send());
  }

  /** The log stands there. */
  standsAt(head: Head): void {
    this.#head = head;
  }

  /** Sends what was put by; does not wait. */
  send(): void {
    this.#inserts.send();
  }

  /** Sees what it has appended. */
  get reader(): EventReader {
    return {
      ...this.#reader,
      head: () => this.#head,
      position: () => this.#head.position,
      version: (stream) => this.#versions.get(stream) ?? this.#reader.version(stream),
      readTagged: (items, options) => this.#readAlready(items, options) ?? this.#reader.readTagged(items, options),
      receipt: (commandId) => (this.#receipts.has(commandId) ? this.#receipts.get(commandId) : this.#reader.receipt(commandId)),
    };
  }

  /** The events after a position, at most so many, with all their tags. */
  since(after: Position, limit: number): Promise<readonly ChainedEvent[]> {
    return since(this.#reads, after, limit);
  }

  /** Reads in one go what is not known yet. */
  async expect({ commandIds, items }: Expected): Promise<void> {
    const ids = commandIds.filter((id) => !this.#receipts.has(id));
    const fresh = items.filter((item) => !this.#ahead.some((one) => one.knows(item)));
    const [receipts] = await Promise.all([ids.length > 0 ? receiptsOf(this.#reads, ids) : undefined, this.#readAhead(fresh)]);
    for (const id of ids) this.#receipts.set(id, receipts?.get(id));
  }

  async #readAhead(items: readonly QueryItem[]): Promise<void> {
    if (items.length === 0 || this.#isTooMuch) return;
    const events = await this.#reader.readTagged(items, { limit: limits.eventsExpectedMax });
    this.#isTooMuch = events.length >= limits.eventsExpectedMax;
    // Of more than can be read at once it is not known what is missing.
    if (!this.#isTooMuch) this.#ahead.push(new EventsAhead(items, events));
  }

  #readAlready(...asked: Parameters<EventsAhead['answer']>): readonly TaggedEvent[] | undefined {
    for (const one of this.#ahead) {
      const answer = one.answer(...asked);
      if (answer) return answer;
    }
    return undefined;
  }

  append(events: readonly NewEvent[], condition?: AppendCondition): Awaitable<readonly StoredEvent[]> {
    for (const event of events) assertStorable(event);
    const [first] = events;
    if (condition?.version !== undefined && first) this.#versions.set(first.stream, condition.version);
    const isKnown = events.every(({ stream }) => this.#versions.has(stream));
    return isKnown && this.#isAtHead(condition) ? this.#place(events) : this.#appendLater(events, condition);
  }

  keepReceipt(receipt: Receipt): void {
    const { commandId } = receipt;
    assertText('a receipt', commandId);
    assert(this.#receipts.get(commandId) === undefined, `The command ${commandId} has a receipt already.`);
    this.#receipts.set(commandId, receipt);
    this.#inserts.receipt(receipt);
  }

  async forgetReceipts(upTo: Position, afterId: string): Promise<string | undefined> {
    const { schema } = this.#turn;
    this.#receipts.clear();
    this.send();
    this.#turn.write(
      `INSERT INTO ${schema}.commands AS known (command_id, input_hash, outcome, position) VALUES ($1, '', '{"version":0}', $2)
       ON CONFLICT (command_id) DO UPDATE SET position = excluded.position WHERE excluded.position > known.position`,
      [forgottenId, upTo],
    );
    const next = `SELECT command_id FROM ${schema}.commands WHERE command_id > $1 ORDER BY command_id LIMIT $2`;
    const [[found], [event]] = await Promise.all([
      this.#turn.read<readonly [string | null]>(`SELECT max(command_id) FROM (${next}) AS next`, [afterId, limits.receiptsForgottenMax]),
      this.#reader.read('all', { after: upTo - 1, limit: 1 }),
    ]);
    const last = found?.[0] ?? undefined;
    // A command that left no event may have ended at the last position long after the event there.
    if (last !== undefined)
      this.#turn.write(
        `DELETE FROM ${schema}.commands WHERE command_id > $1 AND command_id <= $2 AND (position < $3 OR position = $3 AND command_id = $4)`,
        [afterId, last, upTo, event?.metadata.commandId ?? forgottenId],
      );
    return last;
  }

  /** With what was appended. */
  get head(): Head {
    return this.#head;
  }

  /** At the log's head nothing can match: a decision made there is not looked up. */
  #isAtHead(condition: AppendCondition | undefined): boolean {
    const { position } = this.#head;
    const after = condition ? (condition.after ?? 0) : position;
    assert(after <= position, `A condition after position ${after} stands ahead of the log, which is at ${position}.`);
    return after === position;
  }

  async #appendLater(events: readonly NewEvent[], condition: AppendCondition | undefined): Promise<readonly StoredEvent[]> {
    const [found] = await Promise.all([
      condition && !this.#isAtHead(condition) ? this.#reader.read(condition.failIfEventsMatch, { ...condition, limit: 1 }) : [],
      this.#lookUp(events.map(({ stream }) => stream)),
    ]);
    if (condition && found.length > 0) throw new AppendConflict(condition);
    return this.#place(events);
  }

  /** Looks up the last versions of streams that are not known yet; 0 of a new one. */
  async #lookUp(streams: readonly string[]): Promise<void> {
    const unknown = [...new Set(streams)].filter((stream) => !this.#versions.has(stream));
    if (unknown.length === 0) return;
    const found = await versionsOf(this.#reads, unknown);
    for (const stream of unknown) this.#versions.set(stream, found.get(stream) ?? 0);
  }

  #place(events: readonly NewEvent[]): readonly StoredEvent[] {
    return events.map(({ tags, ...event }) => {
      const { stream } = event;
      const before = this.#versions.get(stream);
      assert(before !== undefined, `The last version of the stream ${stream} is not known.`);
      const stored = { ...event, position: this.#head.position + 1, version: before + 1 };
      const hash = linkOf({ ...stored, tags }, this.#head.hash);
      this.#versions.set(stream, stored.version);
      this.#head = { position: stored.position, hash };
      this.#inserts.event(stored, tags, hash);
      for (const one of this.#ahead) one.appended(stored, tags);
      return stored;
    });
  }
}
