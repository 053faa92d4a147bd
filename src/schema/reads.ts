import DataLoader from 'dataloader';
import { type Awaitable, andThen, type Position } from '#base';
import { type AnyRow, readOnce, type Snapshot, type Snapshots, type Table, withoutLists } from '#readtable';
import { Budget } from './budget.ts';
import { ended, Lease } from './lease.ts';

type RowLoader = DataLoader<string, AnyRow | undefined>;

/**
 * The reads of one operation: all of them see one moment, from the first read to the end. A subscription, which may last for days,
 * reads briefly instead: each read sees the present and holds nothing.
 */
export class Reads {
  readonly #snapshots: Snapshots;
  readonly #atLeast: Position | undefined;
  #brief = false;
  #ended = false;
  /** A command was accepted: what is read from there on is its answer. */
  #isOwn = false;
  // Made where they are needed: most operations read a row or a page, and nothing else.
  #loaders: Map<Table, RowLoader> | undefined;
  /** Rows that were read before they are asked for, of the snapshot that is held. */
  #ahead: Map<Table, Map<string, AnyRow | undefined>> | undefined;
  #held: Awaitable<Lease> | undefined;
  #seen: Position | undefined;
  readonly #budget = new Budget();
  #budgets: WeakMap<object, Budget> | undefined;

  /** @param atLeast what is to be seen at least, where that is demanded; it was made known */
  constructor(snapshots: Snapshots, atLeast?: Position) {
    this.#snapshots = snapshots;
    this.#atLeast = atLeast;
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

  /**
   * Reads from the operation's snapshot: at once where it is held already, and its store answers at once. The snapshot must not be kept, and `work`
   * must not wait for another of these reads: they take turns.
   */
  read<T>(work: (snapshot: Snapshot) => Awaitable<T>): Awaitable<T> {
    if (this.#brief) return this.#readOnce(work);
    const lease = this.#lease();
    return lease instanceof Promise ? lease.then((held) => held.read(work)) : lease.read(work);
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
  row(table: Table, key: string): Awaitable<AnyRow | undefined> {
    const ahead = this.#ahead?.get(table);
    return ahead?.has(key) ? ahead.get(key) : this.#loader(table).load(key);
  }

  /**
   * Rows, without their lists, that are going to be asked for: they are there at once when this is done. Of a snapshot that is not held on to,
   * nothing is kept. To be waited for within the work that read what leads to them.
   */
  readAhead(snapshot: Snapshot, table: Table, keys: readonly string[]): Awaitable<void> {
    if (!(this.#held instanceof Lease) || this.#held.snapshot !== snapshot) return;
    this.#ahead ??= new Map();
    const ahead = this.#ahead.get(table) ?? new Map<string, AnyRow | undefined>();
    this.#ahead.set(table, ahead);
    const missing = [...new Set(keys)].filter((key) => !ahead.has(key));
    if (missing.length === 0) return;
    return andThen(snapshot.rows(withoutLists(table), missing), (rows) => {
      for (const [at, key] of missing.entries()) ahead.set(key, rows[at]);
    });
  }

  /** One row, without its lists, that nothing else is asked for with: read at once. */
  rowAlone(table: Table, key: string): Awaitable<AnyRow | undefined> {
    return this.read((snapshot) => snapshot.row(withoutLists(table), key));
  }

  /** Later reads see what a command did: for a mutation, after its commit. */
  renew(position: Position): void {
    this.#saw(position);
    this.#isOwn = true;
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

  /** Gives the snapshot back, when no read of it is under way any more; a later read takes a new one. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#loaders = undefined;
    this.#ahead = undefined;
    // A snapshot that could not be taken has told its readers so: there is nothing to give back.
    if (held instanceof Promise) held.then((lease) => lease.release()).catch(() => undefined);
    else held?.release();
  }

  #readOnce<T>(work: (snapshot: Snapshot) => Awaitable<T>): Promise<T> {
    if (this.#ended) return Promise.reject(ended());
    return readOnce(this.#snapshots, (snapshot) => {
      this.#saw(snapshot.position);
      return work(snapshot);
    });
  }

  /** The operation's hold on its snapshot, which is taken with the first call and given back at the operation's end. */
  #lease(): Awaitable<Lease> {
    if (this.#ended) return Promise.reject(ended());
    if (this.#held) return this.#held;
    const wanted = this.#takeWanted();
    const now = wanted ? undefined : this.#snapshots.takeNow?.();
    if (now) {
      this.#held = this.#leased(now);
      return this.#held;
    }
    const taking: Promise<Lease> = (wanted ?? this.#snapshots.take()).then((snapshot) => {
      const lease = this.#leased(snapshot);
      // From here on reads are begun at once, unless it was released while it was waited for.
      if (this.#held === taking) this.#held = lease;
      return lease;
    });
    this.#held = taking;
    return taking;
  }

  /** Where not any snapshot will do: a command's answer is of the primary, which has what was demanded before. */
  #takeWanted(): Promise<Snapshot> | undefined {
    if (this.#isOwn) return this.#snapshots.takeOwn?.();
    return this.#atLeast === undefined ? undefined : this.#snapshots.takeKnown?.(this.#atLeast);
  }

  #leased(snapshot: Snapshot): Lease {
    this.#saw(snapshot.position);
    return new Lease(snapshot);
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
