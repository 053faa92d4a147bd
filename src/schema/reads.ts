import DataLoader from 'dataloader';
import { type Position, VarveError } from '#base';
import { type AnyRow, type Snapshot, type Snapshots, type Table, withoutLists } from '#readtable';
import { Budget } from './budget.ts';

type RowLoader = DataLoader<string, AnyRow | undefined>;

/**
 * The reads of one operation: all of them see one moment, from the first read to the end. A subscription, which may last for days,
 * reads briefly instead: each read sees the present and holds nothing.
 */
export class Reads {
  readonly #snapshots: Snapshots;
  #brief = false;
  #ended = false;
  // Made where they are needed: most operations read a row or a page, and nothing else.
  #loaders: Map<Table, RowLoader> | undefined;
  /** Rows that were read before they are asked for, of the snapshot that is held. */
  #ahead: Map<Table, Map<string, AnyRow | undefined>> | undefined;
  #held: Snapshot | Promise<Snapshot> | undefined;
  #seen: Position | undefined;
  readonly #budget = new Budget();
  #budgets: WeakMap<object, Budget> | undefined;

  constructor(snapshots: Snapshots) {
    this.#snapshots = snapshots;
  }

  /** From here on nothing is held between two reads. */
  readBriefly(): void {
    this.#brief = true;
    this.release();
  }

  /** The highest position that was read at, or that a command of the operation was accepted at; undefined where nothing was. */
  get seen(): Position | undefined {
    return this.#seen;
  }

  /** Reads from the operation's snapshot: at once where it is held already. The snapshot must not be kept. */
  read<T>(work: (snapshot: Snapshot) => T): T | Promise<T> {
    if (this.#brief) return this.#readOnce(work);
    const snapshot = this.snapshot();
    return snapshot instanceof Promise ? snapshot.then(work) : work(snapshot);
  }

  /** The operation's snapshot, taken with the first call and given back at the operation's end. */
  snapshot(): Snapshot | Promise<Snapshot> {
    if (this.#ended) return Promise.reject(ended());
    if (this.#held) return this.#held;
    const now = this.#snapshots.takeNow?.();
    if (now) {
      this.#saw(now.position);
      this.#held = now;
      return now;
    }
    const taking: Promise<Snapshot> = this.#snapshots.take().then((snapshot) => {
      this.#saw(snapshot.position);
      // From here on reads are answered at once, unless it was released while it was waited for.
      if (this.#held === taking) this.#held = snapshot;
      return snapshot;
    });
    this.#held = taking;
    return taking;
  }

  /** What may still be answered: in the whole operation, or where reads are brief, in this message of its stream. */
  budgetOf(message: unknown): Budget {
    if (!this.#brief || typeof message !== 'object' || message === null) return this.#budget;
    this.#budgets ??= new WeakMap();
    const budget = this.#budgets.get(message) ?? new Budget();
    this.#budgets.set(message, budget);
    return budget;
  }

  /** One row, without its lists; all that are asked for together are read together. */
  row(table: Table, key: string): AnyRow | undefined | Promise<AnyRow | undefined> {
    const ahead = this.#ahead?.get(table);
    return ahead?.has(key) ? ahead.get(key) : this.#loader(table).load(key);
  }

  /** Rows, without their lists, that are going to be asked for: then they are there at once. Of a snapshot that is not held on to, nothing is kept. */
  readAhead(snapshot: Snapshot, table: Table, keys: readonly string[]): void {
    if (this.#held !== snapshot) return;
    this.#ahead ??= new Map();
    const ahead = this.#ahead.get(table) ?? new Map<string, AnyRow | undefined>();
    this.#ahead.set(table, ahead);
    const missing = [...new Set(keys)].filter((key) => !ahead.has(key));
    if (missing.length === 0) return;
    const rows = snapshot.rows(withoutLists(table), missing);
    for (const [at, key] of missing.entries()) ahead.set(key, rows[at]);
  }

  /** One row, without its lists, that nothing else is asked for with: read at once. */
  rowAlone(table: Table, key: string): AnyRow | undefined | Promise<AnyRow | undefined> {
    return this.read((snapshot) => snapshot.row(withoutLists(table), key));
  }

  /** Later reads see what a command did: for a mutation, after its commit. */
  renew(position: Position): void {
    this.#saw(position);
    this.release();
  }

  /**
   * The operation is over: gives the snapshot back, and from here on nothing is read. A field that failed ends an operation while its siblings
   * are still being resolved; a snapshot that they took now would be given back by nobody.
   */
  end(): void {
    this.#ended = true;
    this.release();
  }

  /** Gives the snapshot back; a later read takes a new one. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#loaders = undefined;
    this.#ahead = undefined;
    // A snapshot that could not be taken has told its readers so: there is nothing to give back.
    if (held instanceof Promise) held.then((snapshot) => snapshot.release()).catch(() => undefined);
    else held?.release();
  }

  async #readOnce<T>(work: (snapshot: Snapshot) => T): Promise<T> {
    if (this.#ended) throw ended();
    const snapshot = await this.#snapshots.take();
    this.#saw(snapshot.position);
    try {
      return work(snapshot);
    } finally {
      snapshot.release();
    }
  }

  #loader(table: Table): RowLoader {
    this.#loaders ??= new Map();
    const known = this.#loaders.get(table);
    if (known) return known;
    const batch = async (keys: readonly string[]) => this.read((snapshot) => snapshot.rows(withoutLists(table), keys));
    const loader: RowLoader = new DataLoader(batch, { cache: !this.#brief });
    this.#loaders.set(table, loader);
    return loader;
  }

  #saw(position: Position): void {
    this.#seen = Math.max(this.#seen ?? 0, position);
  }
}

const ended = () =>
  new VarveError({
    code: 'OPERATION_ENDED',
    message: 'The operation was over before this was read.',
    hint: 'Nothing is to be done: its answer had left.',
  });
