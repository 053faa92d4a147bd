import type { LRUCache } from 'lru-cache';
import { assert, limits, type Position } from '#base';
import { EventsAhead } from '../ahead.ts';
import { linkOf } from '../chain.ts';
import {
  type AppendCondition,
  AppendConflict,
  type Awaitable,
  type EventReader,
  type Expected,
  forgottenId,
  type Head,
  type NewEvent,
  type Receipt,
  type StoredEvent,
} from '../port.ts';
import { Inserts } from './inserts.ts';
import { logReader, receiptsOf, versionsOf } from './reads.ts';
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
  readonly #reader: EventReader;
  readonly #versions: Versions;
  readonly #inserts: Inserts;
  /** What is known of receipts: under the lock, that there is none stays true. */
  readonly #receipts = new Map<string, Receipt | undefined>();
  /** What was read of the log before it is asked for. */
  #ahead: EventsAhead | undefined;
  #head: Head;

  constructor(turn: Turn, head: Head, versions: Versions) {
    this.#turn = turn;
    this.#head = head;
    this.#versions = versions;
    this.#reader = logReader(turn);
    this.#inserts = new Inserts(turn);
    turn.beforeReads(() => this.#inserts.send());
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

  /** Reads in one go what is not known yet. */
  async expect({ commandIds, streams, items }: Expected): Promise<void> {
    const ids = commandIds.filter((id) => !this.#receipts.has(id));
    const [receipts, events] = await Promise.all([
      ids.length > 0 ? receiptsOf(this.#turn, ids) : undefined,
      items.length > 0 ? this.#reader.readTagged(items, { limit: limits.eventsExpectedMax }) : [],
      this.#lookUp(streams),
    ]);
    for (const id of ids) this.#receipts.set(id, receipts?.get(id));
    // Of more than can be read at once it is not known what is missing.
    this.#ahead = events.length < limits.eventsExpectedMax ? new EventsAhead(items, events) : undefined;
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
    const found = await versionsOf(this.#turn, unknown);
    const known = new Map(unknown.map((stream) => [stream, found.get(stream) ?? 0]));
    for (const [stream, version] of known) this.#versions.set(stream, version);
    return known;
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
