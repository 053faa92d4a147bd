import type { Position } from '#base';
import { type MemoryEngine, openMemoryEngine } from '#command';
import type { Recorded } from '#event';
import type { Commit } from '#projector';
import type { Snapshot, Snapshots } from '#readtable';
import { colours, walletDomain, wallets } from '../command/wallet.fixture.ts';
import { asTested } from '../readtable/late.fixture.ts';
import { Backlog, type BacklogSizes } from './backlog.ts';
import { eventFeed } from './events.ts';
import type { Delivery, Feed } from './feed.ts';
import { Hub } from './hub.ts';
import type { EventsWanted, RowsWanted } from './interests.ts';
import type { Ledger } from './ledger.fixture.ts';
import { Reader } from './reader.ts';
import { type RowMessage, rowFeed, type Sources } from './rows.ts';
import { Tail } from './tail.ts';
import type { Said, Script } from './trail.fixture.ts';
import { numbersFrom, Turns } from './turns.fixture.ts';

/** Any message of the streams on the stage. */
export type Message = RowMessage | Recorded;

/** The parts that are checked: the real ones, or doctored ones that a checker has to find fault with. */
export interface Parts {
  publish(hub: Hub, commit: Commit): void;
  feed(feed: Feed<Message>): Feed<Message>;
  readonly Tail: typeof Tail<Message, Delivery<Message>>;
  readonly Reader: typeof Reader<Message, Delivery<Message>>;
}

/** The real parts. */
export const realParts: Parts = { publish: (hub, commit) => hub.publish(commit), feed: (feed) => feed, Tail, Reader };

/** Limits that no play reaches: none of its streams has a reason to begin anew. */
export const generous = { messagesMax: 100_000, bytesMax: 1e9, allBytesMax: 1e9, runBytesMax: 100, journalPositionsMax: 100_000 } as const;

/** How a stage is set for one life. */
export interface Setting {
  /** Of all that is left to chance. */
  readonly seed: number;
  readonly backlog: BacklogSizes;
  /** How many changes a page of the journal has at most. */
  readonly pageChangesMax: number;
  /** One message in so many is rendered later; 0: each at once. */
  readonly slowOneIn: number;
}

const rows = (table: RowsWanted['table'], ...conditions: RowsWanted['conditions']): RowsWanted => ({ table, conditions });

/** The streams that can be asked for. */
export const streams: readonly (RowsWanted | EventsWanted)[] = [
  { table: wallets, key: 'a', conditions: [] },
  { table: colours, key: 'red', conditions: [] },
  rows(wallets),
  rows(wallets, { column: 'colour', is: 'equal', value: 'red' }),
  rows(wallets, { column: 'colour', is: 'in', value: ['red', 'blue', 'red'] }),
  rows(wallets, { column: 'coins', is: 'atLeast', value: 5 }),
  rows(wallets, { column: 'colour', is: 'in', value: ['blue', 'green'] }, { column: 'coins', is: 'below', value: 9 }),
  rows(colours),
  {},
  { types: ['Paid', 'Repainted'] },
  { stream: 'wallet-a' },
  { stream: 'wallet-a', types: ['Paid'] },
];

/** What a stream has to say, by the ledger. */
export const scriptOf = (ledger: Ledger, stream: number): Script => {
  const wanted = streams[stream] ?? {};
  return 'table' in wanted ? ledger.ofRows(wanted) : ledger.ofEvents(wanted);
};

/** A message as the ledger says it. */
export function saidOf({ message }: Delivery<Message>): Said {
  if (!('kind' in message)) {
    const { position, eventId, type, data } = message;
    return { kind: 'EVENT', position, key: '', what: { type, data }, cause: eventId };
  }
  const { kind, position, key, row, cause } = message;
  // Its own position is the message's: a cause that is another event is no cause.
  return { kind, position, key, what: row ? { ...row } : null, cause: cause?.position === position ? cause.eventId : cause && 'another' };
}

/**
 * A writer in memory and the live streams of it, shared as a server shares them; what they read comes late, by chance. It has one life after
 * another: what is stored stays, all else is gone, as when a server ends and another one begins.
 */
export class Stage {
  readonly turns = new Turns();
  readonly engine: MemoryEngine;
  readonly #journalPositionsMax: number;
  readonly #parts: Parts;
  #setting: Setting;
  #chance: (below: number) => number;
  #hub = new Hub(0);
  #backlog: Backlog;
  #tails = new Map<number, Tail<Message, Delivery<Message>>>();

  constructor(journalPositionsMax: number, setting: Setting, parts: Parts) {
    this.#journalPositionsMax = journalPositionsMax;
    this.#parts = parts;
    this.#setting = setting;
    this.#chance = numbersFrom(setting.seed);
    this.#backlog = new Backlog(setting.backlog);
    this.engine = openMemoryEngine(walletDomain, { journalPositionsMax, onCommit: (commit) => parts.publish(this.#hub, commit) });
  }

  begin(setting: Setting): void {
    this.#setting = setting;
    this.#chance = numbersFrom(setting.seed);
    [this.#hub, this.#backlog, this.#tails] = [new Hub(this.position), new Backlog(setting.backlog), new Map()];
  }

  chance(below: number): number {
    return this.#chance(below);
  }

  get position(): Position {
    return this.#hub.position;
  }

  /** A stream of rows may have reason to begin anew. */
  get mayBeginAnew(): boolean {
    return this.#backlog.sizes.messagesMax < generous.messagesMax || this.#journalPositionsMax < generous.journalPositionsMax;
  }

  /** What is left behind where everyone has left. */
  get leftovers(): readonly number[] {
    return [this.#hub.watching, this.#backlog.bytes, this.#tails.size];
  }

  /** The one tail of all who ask for the stream now. */
  tail(stream: number): Tail<Message, Delivery<Message>> {
    const known = this.#tails.get(stream);
    if (known) return known;
    const wanted = streams[stream] ?? {};
    const feed: Feed<Message> = 'table' in wanted ? rowFeed(this.#sources, wanted) : eventFeed(this.#sources, wanted);
    const { slowOneIn } = this.#setting;
    const isSlow = () => slowOneIn > 0 && this.#chance(slowOneIn) === 0;
    const render = (delivery: Delivery<Message>) => (isSlow() ? this.#after(1 + this.#chance(6), delivery) : delivery);
    const made: Tail<Message, Delivery<Message>> = new this.#parts.Tail(
      this.#parts.feed(feed),
      { render, bytesOf: () => 10 },
      this.#backlog,
      () => void (this.#tails.get(stream) === made && this.#tails.delete(stream)),
    );
    this.#tails.set(stream, made);
    return made;
  }

  /** Waits a few turns, or not at all. */
  async dawdle(): Promise<void> {
    const turns = this.#chance(5);
    if (turns > 0) await this.turns.wait(turns);
  }

  async #after<T>(turns: number, value: T): Promise<T> {
    await this.turns.wait(turns);
    return value;
  }

  get #sources(): Sources {
    const { engine } = this;
    const hub = this.#hub;
    const read: Sources['log']['read'] = async (...asked) => {
      await this.dawdle();
      const events = await engine.log.read(...asked);
      await this.dawdle();
      return events;
    };
    const snapshots: Snapshots = { take: () => this.#snapshot(), close: () => {} };
    return {
      hub,
      codec: engine.codec,
      log: { read, position: () => engine.log.position() },
      snapshots: asTested(snapshots, () => this.dawdle()),
    };
  }

  /** Handed out some time after it was taken; never so late that the journal, which a snapshot in memory stands on, has gone on without it. */
  async #snapshot(): Promise<Snapshot> {
    const { pageChangesMax } = this.#setting;
    await this.dawdle();
    const taken = await this.engine.snapshots.take();
    await this.dawdle();
    const isKept = this.position - taken.position <= this.#journalPositionsMax;
    const snapshot = isKept ? taken : await this.engine.snapshots.take();
    return {
      position: snapshot.position,
      row: (...asked) => snapshot.row(...asked),
      rows: (...asked) => snapshot.rows(...asked),
      page: (...asked) => snapshot.page(...asked),
      count: (...asked) => snapshot.count(...asked),
      changes: (table, request) => snapshot.changes(table, { ...request, count: Math.min(request.count, pageChangesMax) }),
      release: () => snapshot.release(),
    };
  }
}
