import { type Awaitable, assert, type Position } from '#base';
import type { ChangesRequest, JournalPage } from './journal.ts';
import { type Bounds, readTooLong } from './pool.ts';
import type { Condition, Page, PageRequest, Snapshot } from './read.ts';
import type { AnyRow, Table } from './table.ts';

/** A read transaction, in which the log is what it was at one moment. */
export interface Moment {
  readonly position: Position;
  readonly reader: Pick<Snapshot, 'row' | 'rows' | 'page' | 'count' | 'changes'>;
  /** Ends the transaction. */
  close(): void;
}

/** A moment, and how many read in it. */
interface Shared extends Moment {
  /** In looks of the watch, of which there are two to `holdMs`. */
  readonly begunAt: number;
  joinedAt: number;
  users: number;
  isLingering: boolean;
  hasEnded: boolean;
}

/** The moments that are out: whoever may share one shares it, and none is kept too long. */
export class SharedMoments {
  readonly #line: { readonly length: number };
  readonly #onFree: () => void;
  readonly #known: () => Position;
  readonly #out = new Set<Shared>();
  readonly #callOff: () => void;
  #looks = 0;
  #closed = false;
  /** The last one that was begun. */
  #last: Shared | undefined;

  /**
   * @param line how many wait for a moment
   * @param onFree called where a moment has ended
   * @param known the log's last position that was made known: a moment that has seen it is present. Left out: none is, once it has begun
   */
  constructor(bounds: Bounds, line: { readonly length: number }, onFree: () => void, known = () => Number.POSITIVE_INFINITY) {
    this.#line = line;
    this.#onFree = onFree;
    this.#known = known;
    this.#callOff = bounds.timers.every(bounds.holdMs / 2, () => this.#endKeptTooLong());
  }

  get count(): number {
    return this.#out.size;
  }

  /** A snapshot of the last moment, where nothing is known to have come since. */
  present(): Snapshot | undefined {
    return this.#last && this.#isPresent(this.#last) ? this.#join(this.#last) : undefined;
  }

  /** Snapshots of a moment that has just begun, for so many. */
  begun(moment: Moment, users = 1): readonly Snapshot[] {
    const shared = { ...moment, begunAt: this.#looks, joinedAt: this.#looks, users: 0, isLingering: false, hasEnded: false };
    this.#out.add(shared);
    this.#last = shared;
    const snapshots = Array.from({ length: users }, () => this.#join(shared));
    if (users === 0) this.#end(shared);
    return snapshots;
  }

  /** Moments that are out may finish. */
  close(): void {
    this.#closed = true;
    this.#callOff();
    if (this.#last?.users === 0) this.#end(this.#last);
  }

  #isPresent({ position }: Shared): boolean {
    return position >= this.#known();
  }

  #join(moment: Shared): Snapshot {
    moment.users += 1;
    moment.joinedAt = this.#looks;
    return new MomentSnapshot(moment, () => this.#leave(moment));
  }

  #leave(moment: Shared): void {
    moment.users -= 1;
    if (moment.users > 0 || moment.isLingering) return;
    if (this.#closed || this.#line.length > 0 || !this.#isPresent(moment)) return void this.#end(moment);
    // Others of this turn may want it. Longer than that nothing is held which nobody reads: the write-ahead log could not be cut back.
    moment.isLingering = true;
    setImmediate(() => {
      if (!moment.isLingering) return;
      moment.isLingering = false;
      if (moment.users === 0) this.#end(moment);
    });
  }

  #endKeptTooLong(): void {
    this.#looks += 1;
    // At the third look it was kept for two whole times between looks. Joined by one after another, it would never end.
    for (const moment of [...this.#out]) if (this.#looks - moment.joinedAt >= 3) this.#end(moment);
    if (this.#last && this.#looks - this.#last.begunAt >= 2) this.#last = undefined;
  }

  #end(moment: Shared): void {
    if (moment.hasEnded) return;
    moment.hasEnded = true;
    moment.isLingering = false;
    if (moment === this.#last) this.#last = undefined;
    this.#out.delete(moment);
    moment.close();
    this.#onFree();
  }
}

class MomentSnapshot implements Snapshot {
  readonly position: Position;
  readonly #end: () => void;
  #moment: Shared | undefined;

  constructor(moment: Shared, end: () => void) {
    this.#moment = moment;
    this.position = moment.position;
    this.#end = end;
  }

  row(table: Table, key: string): Awaitable<AnyRow | undefined> {
    return this.#read().row(table, key);
  }

  rows(table: Table, keys: readonly string[]): Awaitable<readonly (AnyRow | undefined)[]> {
    return this.#read().rows(table, keys);
  }

  page(table: Table, request: PageRequest): Awaitable<Page> {
    return this.#read().page(table, request);
  }

  count(table: Table, conditions: readonly Condition[]): Awaitable<number> {
    return this.#read().count(table, conditions);
  }

  changes(table: Table, request: ChangesRequest): Awaitable<JournalPage | undefined> {
    return this.#read().changes(table, request);
  }

  release(): void {
    if (!this.#moment) return;
    this.#moment = undefined;
    this.#end();
  }

  #read(): Moment['reader'] {
    assert(this.#moment, 'A snapshot was read after its release.', 'Release a snapshot when nothing more is read of it.');
    if (this.#moment.hasEnded) throw readTooLong();
    return this.#moment.reader;
  }
}
