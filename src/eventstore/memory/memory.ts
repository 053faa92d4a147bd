import { assert, limits, type Position } from '#base';
import { linkOf } from '../chain.ts';
import { matches } from '../matches.ts';
import {
  type AppendCondition,
  AppendConflict,
  type Awaitable,
  type ChainedEvent,
  type EventStore,
  forgottenId,
  type Moment,
  type NewEvent,
  type Query,
  type ReadOptions,
  type Receipt,
  type StoredEvent,
  type TaggedEvent,
  type WriteTransaction,
} from '../port.ts';
import { turns } from '../turns.ts';

/** The handle of a transaction in memory: whoever changes something beside the log says how to undo it. */
export interface MemoryConnection {
  onRollback(undo: () => void): void;
  /** … and what to do once it is committed. */
  onCommit(step: () => void): void;
}

type Kept = ChainedEvent;

/** Everything that a log in memory holds. */
class Log {
  readonly events: Kept[] = [];
  readonly byStream = new Map<string, Kept[]>();
  readonly byTag = new Map<string, Kept[]>();
  readonly receipts = new Map<string, Receipt>();

  /** What others may read: the first so many events. While a transaction is open, that is what was committed. */
  reader(end: () => number): Omit<Moment<unknown>, 'connection'> {
    return {
      position: end,
      since: (after, limit) => this.events.slice(after, Math.min(end(), after + limit)),
      head: () => ({ position: end(), hash: this.events[end() - 1]?.hash ?? null }),
      version: (stream) => this.byStream.get(stream)?.findLast(({ position }) => position <= end())?.version ?? 0,
      receipt: (commandId) => {
        const receipt = this.receipts.get(commandId);
        return receipt && receipt.position <= end() ? receipt : undefined;
      },
      read: (query, options) => this.#find(query, end(), options).map(stored),
      readTagged: (items, options) => {
        const named = new Set(items.flatMap(({ tags = [] }) => tags));
        return this.#find(items, end(), options).map(
          (event): TaggedEvent => ({ event: stored(event), tags: event.tags.filter((tag) => named.has(tag)) }),
        );
      },
    };
  }

  #find(query: Query, end: number, { after = 0, limit = limits.readEventsMax }: ReadOptions = {}): readonly Kept[] {
    const found: Kept[] = [];
    const candidates = this.#candidates(query);
    for (let i = candidates === this.events ? after : 0; i < candidates.length && found.length < limit; i++) {
      const event = candidates[i];
      if (!event || event.position > end) break;
      if (event.position > after && matches(query, event)) found.push(event);
    }
    return found;
  }

  append(events: readonly NewEvent[], condition?: AppendCondition): readonly StoredEvent[] {
    if (condition && this.#hasMatch(condition)) throw new AppendConflict(condition);
    return events.map((event) => {
      const version = (this.byStream.get(event.stream)?.length ?? 0) + 1;
      const placed = { ...event, tags: [...event.tags].sort(), position: this.events.length + 1, version };
      const kept: Kept = { ...placed, hash: linkOf(placed, this.events.at(-1)?.hash ?? null) };
      this.events.push(kept);
      listOf(this.byStream, event.stream).push(kept);
      for (const tag of event.tags) listOf(this.byTag, tag).push(kept);
      return stored(kept);
    });
  }

  forgetReceipts(upTo: Position, afterId: string): string | undefined {
    const position = Math.max(upTo, this.receipts.get(forgottenId)?.position ?? 0);
    this.receipts.set(forgottenId, { commandId: forgottenId, inputHash: '', outcome: '{"version":0}', position });
    const next = [...this.receipts.keys()].filter((id) => compareIds(id, afterId) > 0).sort(compareIds);
    const looked = next.slice(0, limits.receiptsForgottenMax);
    const lastOfThem = this.events[upTo - 1]?.metadata.commandId;
    for (const id of looked) {
      const ended = this.receipts.get(id)?.position ?? 0;
      if (ended < upTo || (ended === upTo && id === lastOfThem)) this.receipts.delete(id);
    }
    return looked.at(-1);
  }

  restoreReceipts(was: ReadonlyMap<string, Receipt>): void {
    this.receipts.clear();
    for (const [id, receipt] of was) this.receipts.set(id, receipt);
  }

  /** Takes back all after a position. */
  cut(position: number): void {
    for (const { stream, tags } of this.events.splice(position)) {
      this.byStream.get(stream)?.pop();
      for (const tag of tags) this.byTag.get(tag)?.pop();
    }
  }

  #hasMatch({ failIfEventsMatch, after = 0 }: AppendCondition): boolean {
    for (let i = this.events.length - 1; i >= after; i--) {
      const event = this.events[i];
      if (event && matches(failIfEventsMatch, event)) return true;
    }
    return false;
  }

  /** The shortest list that holds all that may match. */
  #candidates(query: Query): readonly Kept[] {
    const [item, ...more] = query === 'all' ? [] : query;
    if (!item || more.length > 0) return this.events;
    if (item.stream !== undefined) return this.byStream.get(item.stream) ?? [];
    const [tag] = item.tags ?? [];
    return tag === undefined ? this.events : (this.byTag.get(tag) ?? []);
  }
}

/** As SQLite orders them: by their UTF-8. */
const compareIds = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const stored = ({ tags: _, hash: __, ...event }: Kept): StoredEvent => event;

function listOf(lists: Map<string, Kept[]>, name: string): Kept[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

/** Opens an empty log in memory: for tests and simulations. */
export function openMemoryStore(): EventStore<MemoryConnection> {
  const log = new Log();
  const takeTurn = turns();
  let committed = 0;
  const transaction = <T>(work: (transaction: WriteTransaction<MemoryConnection>) => Awaitable<T>): Promise<T> =>
    takeTurn(async () => {
      const undo: (() => void)[] = [];
      const settle: (() => void)[] = [];
      const reader = log.reader(() => log.events.length);
      try {
        const done = await work({
          ...reader,
          connection: { onRollback: (step) => undo.push(step), onCommit: (step) => settle.push(step) },
          append: (events, condition) => log.append(events, condition),
          keepReceipt: (receipt) => {
            assert(!log.receipts.has(receipt.commandId), `The command ${receipt.commandId} has a receipt already.`);
            log.receipts.set(receipt.commandId, receipt);
            undo.push(() => log.receipts.delete(receipt.commandId));
          },
          forgetReceipts: (upTo, afterId) => {
            const was = new Map(log.receipts);
            undo.push(() => log.restoreReceipts(was));
            return log.forgetReceipts(upTo, afterId);
          },
        });
        committed = log.events.length;
        for (const step of settle) step();
        return done;
      } catch (fault) {
        log.cut(committed);
        for (const step of undo.reverse()) step();
        throw fault;
      }
    });
  return {
    kind: 'memory',
    ...log.reader(() => committed),
    transaction,
    reading: (work) =>
      takeTurn(async () => work({ ...log.reader(() => committed), connection: { onRollback: () => {}, onCommit: () => {} } })),
    append: (events, condition) => transaction((own) => own.append(events, condition)),
    *chain(after = 0) {
      yield log.events.slice(after, committed);
    },
    close: () => {},
  };
}
