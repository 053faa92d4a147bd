import type { LRUCache } from 'lru-cache';
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
} from '../port.ts';
import { Inserts } from './inserts.ts';
import { logReader, receiptsOf, since, versionsOf } from './reads.ts';
import { assertStorable, assertText } from './storable.ts';
import type { Turn } from './turn.ts';

/** The last versions of streams, as they were at a head: they hold while nobody else has written. */
export type Versions = LRUCache<string, number>;

/**
 * The log in one transaction that holds its lock. Positions, versions and hashes are given here; what is to be inserted is put by until it is read or
 * committed, and goes in a few statements, however much it is.
 */
export class LogTurn {
  readonly #turn: Turn;
  /** Reads of the log see what was appended; those of other tables need not wait for it. */
  readonly #reads: SqlReads;
  readonly #reader: EventReader;
  readonly #versions: Versions;
  readonly #inserts: Inserts;
  /** What is known of receipts: under the lock, that there is none stays true. */
  readonly #receipts = new Map<string, Receipt | undefined>();
  /** What was read of the log before it is asked for. */
  #ahead: EventsAhead | undefined;
  /** Last versions that were read in this transaction. */
  readonly #found = new Map<string, number>();
  #head: Head = { position: 0, hash: null };

  /** @param versions what was remembered: until it is known where the log stands, nobody knows whether they hold */
  constructor(turn: Turn, versions: Versions) {
    this.#turn = turn;
    this.#versions = versions;
    this.#inserts = new Inserts(turn);
    const read: SqlReads['read'] = (text, values) => {
      this.send();
      return turn.read(text, values);
    };
    this.#reads = { schema: turn.schema, read };
    this.#reader = logReader(this.#reads);
    turn.beforeEnd(() => this.send());
  }

  /** The log stands there; versions that were remembered hold where it stood there then. */
  standsAt(head: Head, remembered: Head): void {
    this.#head = head;
    if (head.position === remembered.position && head.hash === remembered.hash) return;
    this.#versions.clear();
    for (const [stream, version] of this.#found) this.#versions.set(stream, version);
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
      readTagged: (items, options) => this.#ahead?.answer(items, options) ?? this.#reader.readTagged(items, options),
      receipt: (commandId) => (this.#receipts.has(commandId) ? this.#receipts.get(commandId) : this.#reader.receipt(commandId)),
    };
  }

  /** The events after a position, at most so many, with all their tags. */
  since(after: Position, limit: number): Promise<readonly ChainedEvent[]> {
    return since(this.#reads, after, limit);
  }

  /** Reads in one go what is not known yet. */
  async expect({ commandIds, streams, items }: Expected): Promise<void> {
    const ids = commandIds.filter((id) => !this.#receipts.has(id));
    const isNew = items.some((item) => this.#ahead?.knows(item) !== true);
    // A stream that is read as a whole shows its last version.
    const whole = new Set(isNew ? items.flatMap(({ stream, types, tags }) => (types || tags || !stream ? [] : [stream])) : []);
    const [receipts] = await Promise.all([
      ids.length > 0 ? receiptsOf(this.#reads, ids) : undefined,
      isNew && this.#readAhead(items, whole),
      this.#lookUp(streams.filter((stream) => !whole.has(stream))),
    ]);
    for (const id of ids) this.#receipts.set(id, receipts?.get(id));
  }

  async #readAhead(items: readonly QueryItem[], whole: ReadonlySet<string>): Promise<void> {
    this.#ahead = undefined;
    const events = await this.#reader.readTagged(items, { limit: limits.eventsExpectedMax });
    // Of more than can be read at once it is not known what is missing.
    if (events.length >= limits.eventsExpectedMax) return;
    this.#ahead = new EventsAhead(items, events);
    const last = new Map(events.map(({ event }) => [event.stream, event.version]));
    for (const stream of whole) this.#note(stream, last.get(stream) ?? 0);
  }

  append(events: readonly NewEvent[], condition?: AppendCondition): Awaitable<readonly StoredEvent[]> {
    for (const event of events) assertStorable(event);
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
    const [found, known] = await Promise.all([
      condition && !this.#isAtHead(condition) ? this.#reader.read(condition.failIfEventsMatch, { ...condition, limit: 1 }) : [],
      this.#lookUp(events.map(({ stream }) => stream)),
    ]);
    if (condition && found.length > 0) throw new AppendConflict(condition);
    return this.#place(events, known);
  }

  /** The last versions of streams that are not known yet, 0 of a new one; they are kept, too, as long as there is room. */
  async #lookUp(streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const unknown = [...new Set(streams)].filter((stream) => !this.#versions.has(stream));
    if (unknown.length === 0) return new Map();
    const found = await versionsOf(this.#reads, unknown);
    const known = new Map(unknown.map((stream) => [stream, found.get(stream) ?? 0]));
    for (const [stream, version] of known) this.#note(stream, version);
    return known;
  }

  #note(stream: string, version: number): void {
    this.#found.set(stream, version);
    this.#versions.set(stream, version);
  }

  #place(events: readonly NewEvent[], known?: ReadonlyMap<string, number>): readonly StoredEvent[] {
    const given = new Map<string, number>(known);
    return events.map(({ tags, ...event }) => {
      const { stream } = event;
      const before = given.get(stream) ?? this.#versions.get(stream);
      assert(before !== undefined, `The last version of the stream ${stream} is not known.`);
      const stored = { ...event, position: this.#head.position + 1, version: before + 1 };
      const hash = linkOf({ ...stored, tags }, this.#head.hash);
      given.set(stream, stored.version);
      this.#versions.set(stream, stored.version);
      this.#head = { position: stored.position, hash };
      this.#inserts.event(stored, tags, hash);
      this.#ahead?.appended(stored, tags);
      return stored;
    });
  }
}
