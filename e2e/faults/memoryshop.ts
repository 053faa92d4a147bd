import { VarveError } from '#base';
import { codecOf, dispatcher, type SendOptions } from '#command';
import { type EventStore, type MemoryConnection, openMemoryStore } from '#eventstore';
import { rebuild } from '#projector';
import { type MemoryRows, memoryJournal, memoryRows, memorySnapshots, type RowStore, type Snapshots } from '#readtable';
import { shop } from '#shop';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import type { Chance } from '../streams/subscriber.ts';
import type { History } from './history.ts';
import { type Engine, reachIn } from './inprocess.ts';
import { Recorder, Session } from './recorder.ts';
import { type Stored, storedInMemory } from './stored.ts';
import { openShop, trade } from './trading.ts';

/** A log in memory. */
export type MemoryStore = EventStore<MemoryConnection>;

/** What may be put in the place of a part, to be worse than it. */
export interface Mutation {
  readonly store?: (store: MemoryStore, shop: MemoryShop) => MemoryStore;
  readonly rows?: (rows: RowStore<MemoryConnection>, shop: MemoryShop) => RowStore<MemoryConnection>;
  readonly snapshots?: (snapshots: Snapshots, shop: MemoryShop) => Engine['snapshots'];
  readonly send?: (send: Engine['send'], shop: MemoryShop) => Engine['send'];
  /** What a crash takes, beside all that is under way. */
  readonly crashed?: (shop: MemoryShop) => Promise<void>;
}

const crashedFault = new VarveError({ code: 'WRITER_BROKEN', message: 'It crashed.', hint: 'Send it again.', retryable: true });
const projections = shop.projections;
/** Hardly anything is remembered, so that what is stored is read. */
const caches = { statesCachedMax: 4, statesCachedBytesMax: 2_000, rowsCachedMax: 4, rowsCachedBytesMax: 2_000 };

/** The shop on a log in memory that outlives its crashes. */
export class MemoryShop {
  readonly chance: Chance;
  readonly codec = codecOf(shop);
  readonly #mutation: Mutation;
  store: MemoryStore = openMemoryStore();
  rows: MemoryRows = memoryRows();
  engine: Engine;
  #journal = memoryJournal();
  #lost = Promise.withResolvers<never>();

  constructor(chance: Chance, mutation: Mutation = {}) {
    this.chance = chance;
    this.#mutation = mutation;
    this.engine = this.#open();
  }

  /** All that is under way is lost; what was committed is there. */
  async crash(): Promise<void> {
    const { reject } = this.#lost;
    this.#lost = Promise.withResolvers<never>();
    this.engine = this.#open();
    reject(crashedFault);
    if (!this.#mutation.crashed) return;
    await this.#mutation.crashed(this);
    this.engine = this.#open();
  }

  /** Keeps only the first so many events, with what belongs to them. */
  async cutTo(position: number): Promise<void> {
    const { store } = this;
    const cut = openMemoryStore();
    for await (const page of store.chain()) {
      const kept = page.slice(0, position);
      const ids = [...new Set(kept.map(({ metadata }) => metadata.commandId))];
      await cut.append(kept);
      const receipts = await Promise.all(ids.map((commandId) => store.receipt(commandId)));
      await cut.transaction(async (own) => {
        for (const receipt of receipts) if (receipt && receipt.position <= position) await own.keepReceipt(receipt);
      });
    }
    const rows = memoryRows();
    await rebuild({ log: cut, codec: this.codec, projections, rows, swap: () => {} });
    [this.store, this.rows, this.#journal] = [cut, rows, memoryJournal()];
  }

  #open(): Engine {
    const { promise } = this.#lost;
    // Nobody may wait for it.
    promise.catch(() => {});
    const isOver = () => promise !== this.#lost.promise;
    const { store: worse = same, rows: worseRows = same, snapshots: worseSnapshots = same, send: worseSend = same } = this.#mutation;
    const [log, rows] = [worse(fenced(this.store, isOver), this), worseRows(this.rows, this)];
    const writer = dispatcher({ log, rows, journal: this.#journal, codec: this.codec, projections, caches });
    const send = worseSend((...sent: [...Parameters<Engine['send']>]) => writer.send(...sent), this);
    const { store } = this;
    const snapshots = memorySnapshots({ rows: this.rows, journal: this.#journal, position: () => store.position() });
    return {
      send: (command, input, options?: SendOptions) => Promise.race([send(command, input, options), promise]),
      snapshots: worseSnapshots(snapshots, this),
    };
  }
}

const same = <T>(part: T): T => part;

/** A store whose writer is dead after a crash: nothing more of it is committed. */
function fenced(store: MemoryStore, isOver: () => boolean): MemoryStore {
  return {
    ...store,
    transaction: (work) =>
      store.transaction(async (own) => {
        const done = await work(own);
        if (isOver()) throw crashedFault;
        return done;
      }),
  };
}

/** How much happens in a run. */
export interface MemoryRun {
  readonly seed: number;
  readonly traders: number;
  /** Sendings, at least. */
  readonly sendings: number;
  readonly mutation?: Mutation;
}

/** Trades in memory, with a crash now and then. */
export async function runInMemory({ seed, traders, sendings, mutation }: MemoryRun): Promise<{ stored: Stored; history: History }> {
  const chance = numbersFrom(seed);
  const memory = new MemoryShop(chance, mutation);
  const recorder = new Recorder();
  const reach = reachIn(() => memory.engine, recorder);
  const session = (name: string) => new Session(name, recorder, reach);
  await openShop(session('opening'));
  const aTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const isOver = () => recorder.sent >= sendings;
  const trading = Array.from({ length: traders }, (_, i) => trade({ session: session(`t${i}`), chance, isOver, wait: aTurn }));
  for (let crashed = recorder.sent; !isOver(); await aTurn()) {
    if (recorder.sent - crashed < sendings / 6) continue;
    crashed = recorder.sent;
    await memory.crash();
  }
  await Promise.all(trading);
  const history = recorder.history();
  const stored = await storedInMemory(
    { log: memory.store, rows: memory.rows, codec: memory.codec },
    projections,
    history.sendings.map(({ commandId }) => commandId),
  );
  return { stored, history };
}
