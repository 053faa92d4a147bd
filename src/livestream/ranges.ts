import { compareOrdinals, type Ordinal, ordinalOf } from '#readtable';

/** Values from one on and below another; what is left out is no bound. */
export interface Range {
  readonly atLeast?: unknown;
  readonly below?: unknown;
}

interface Entry<W> {
  readonly from: Ordinal | undefined;
  readonly below: Ordinal | undefined;
  readonly watcher: W;
}

/**
 * Who watches which range of one column's values, found by a value without a look at those whose range does not hold it (but for some on the way):
 * an interval tree that is laid out in a sorted array. What is in a part of the array is to be found by its middle and its two halves.
 */
export class Ranges<W> {
  /** By where they begin. */
  readonly #entries: Entry<W>[] = [];
  /** At the middle of each part: where the last of its ranges ends; undefined: one does not end. Made when it is needed after a change. */
  #ends: (Ordinal | undefined)[] | undefined;

  get size(): number {
    return this.#entries.length;
  }

  add({ atLeast, below }: Range, watcher: W): () => void {
    const entry = { from: ordinalOf(atLeast), below: ordinalOf(below), watcher };
    this.#entries.splice(this.#firstAfter(entry.from), 0, entry);
    this.#ends = undefined;
    return () => {
      const index = this.#entries.indexOf(entry);
      if (index < 0) return;
      this.#entries.splice(index, 1);
      this.#ends = undefined;
    };
  }

  all(): readonly W[] {
    return this.#entries.map(({ watcher }) => watcher);
  }

  /** Whoever's range holds the value; null is in none. */
  at(value: unknown): readonly W[] {
    const ordinal = ordinalOf(value);
    const found: W[] = [];
    if (ordinal === undefined) return found;
    if (!this.#ends) {
      this.#ends = new Array(this.#entries.length);
      this.#findEnds(this.#ends, 0, this.#entries.length);
    }
    this.#find(ordinal, this.#ends, found, 0, this.#entries.length);
    return found;
  }

  #find(value: Ordinal, ends: readonly (Ordinal | undefined)[], found: W[], start: number, end: number): void {
    const middle = (start + end) >> 1;
    const entry = this.#entries[middle];
    if (start === end || !entry || !isBefore(value, ends[middle])) return;
    this.#find(value, ends, found, start, middle);
    // It and all to its right begin later.
    if (entry.from !== undefined && compareOrdinals(value, entry.from) < 0) return;
    if (isBefore(value, entry.below)) found.push(entry.watcher);
    this.#find(value, ends, found, middle + 1, end);
  }

  #findEnds(ends: (Ordinal | undefined)[], start: number, end: number): void {
    if (start === end) return;
    const middle = (start + end) >> 1;
    this.#findEnds(ends, start, middle);
    this.#findEnds(ends, middle + 1, end);
    let last = this.#entries[middle]?.below;
    if (start < middle) last = later(last, ends[(start + middle) >> 1]);
    if (middle + 1 < end) last = later(last, ends[(middle + 1 + end) >> 1]);
    ends[middle] = last;
  }

  #firstAfter(from: Ordinal | undefined): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#entries[middle]?.from;
      if (from !== undefined && (other === undefined || compareOrdinals(other, from) <= 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isBefore = (value: Ordinal, end: Ordinal | undefined): boolean => end === undefined || compareOrdinals(value, end) < 0;

const later = (one: Ordinal | undefined, other: Ordinal | undefined): Ordinal | undefined =>
  one === undefined || other === undefined ? undefined : compareOrdinals(one, other) > 0 ? one : other;
