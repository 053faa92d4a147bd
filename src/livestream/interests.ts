import type { Recorded } from '#event';
import type { Change } from '#projector';
import type { AnyRow, Condition, Table } from '#readtable';
import { type Range, Ranges } from './ranges.ts';

/** Which rows somebody watches: one by its key, or all that fulfil the conditions. */
export interface RowsWanted {
  readonly table: Table;
  readonly key?: string;
  readonly conditions: readonly Condition[];
}

/** Which events somebody watches; what is left out lets everything through. */
export interface EventsWanted {
  readonly types?: readonly string[];
  readonly stream?: string;
}

/**
 * Who watches rows. A change that nobody watches costs a few look-ups, however many watch by a key, by values or by a range. Who watches a whole
 * table, or only what a search finds, is told of every change of it.
 */
export class RowInterests<W> {
  readonly #index = new Index<W>();
  /** By table: the columns by whose values somebody watches, and how many do. */
  readonly #columns = new Map<string, Map<string, number>>();
  /** By table and column: who watches by a range of its values. */
  readonly #ranges = new Map<string, Map<string, Ranges<W>>>();
  #rangesSize = 0;

  get size(): number {
    return this.#index.size + this.#rangesSize;
  }

  add(wanted: RowsWanted, watcher: W): () => void {
    const { table, key } = wanted;
    if (key !== undefined) return this.#index.add([keyName(table, key)], watcher);
    const narrowest = narrowestOf(wanted.conditions);
    if (!narrowest) return this.#addByRange(wanted, watcher) ?? this.#index.add([table.name], watcher);
    const { column, values } = narrowest;
    const remove = this.#index.add([...new Set(values.map((value) => valueName(table, column, value)))], watcher);
    this.#count(table, column, 1);
    return () => {
      remove();
      this.#count(table, column, -1);
    };
  }

  /** Everyone who watches. */
  all(): ReadonlySet<W> {
    const ranges = [...this.#ranges.values()].flatMap((columns) => [...columns.values()]);
    return new Set([...this.#index.all(), ...ranges.flatMap((each) => each.all())]);
  }

  /** The changes that may concern each watcher, in order. Conditions beyond the one that is looked up by are the watcher's to check. */
  concerned(changes: readonly Change[]): ReadonlyMap<W, readonly Change[]> {
    if (this.size === 0) return new Map();
    return partsOf(changes, (change) => this.#watchersOf(change));
  }

  *#watchersOf(change: Change): Generator<W> {
    yield* this.#index.at(this.#namesOf(change));
    const { table, before, after } = change;
    for (const [column, ranges] of this.#ranges.get(table.name) ?? [])
      for (const row of [before, after]) if (row) yield* ranges.at(row[column]);
  }

  #addByRange({ table: { name }, conditions }: RowsWanted, watcher: W): (() => void) | undefined {
    const [column, range] = rangeOf(conditions) ?? [];
    if (column === undefined || range === undefined) return undefined;
    const columns = this.#ranges.get(name) ?? new Map<string, Ranges<W>>();
    const ranges = columns.get(column) ?? new Ranges<W>();
    const remove = ranges.add(range, watcher);
    this.#ranges.set(name, columns.set(column, ranges));
    this.#rangesSize += 1;
    return () => {
      remove();
      this.#rangesSize -= 1;
      if (ranges.size === 0) columns.delete(column);
    };
  }

  *#namesOf({ table, key, before, after }: Change): Generator<string> {
    yield table.name;
    yield keyName(table, key);
    for (const column of this.#columns.get(table.name)?.keys() ?? [])
      for (const row of [before, after]) if (row) yield valueName(table, column, row[column]);
  }

  #count({ name }: Table, column: string, by: 1 | -1): void {
    const columns = this.#columns.get(name) ?? new Map<string, number>();
    const count = (columns.get(column) ?? 0) + by;
    if (count > 0) this.#columns.set(name, columns.set(column, count));
    else columns.delete(column);
  }
}

/** Who watches the log. */
export class EventInterests<W> {
  readonly #index = new Index<W>();

  get size(): number {
    return this.#index.size;
  }

  add({ stream, types }: EventsWanted, watcher: W): () => void {
    const names = stream !== undefined ? [`stream ${stream}`] : types ? types.map((type) => `type ${type}`) : ['all'];
    return this.#index.add([...new Set(names)], watcher);
  }

  /** Everyone who watches. */
  all(): ReadonlySet<W> {
    return this.#index.all();
  }

  /** The events that may concern each watcher, in order. */
  concerned(events: readonly Recorded[]): ReadonlyMap<W, readonly Recorded[]> {
    if (this.size === 0) return new Map();
    return partsOf(events, ({ stream, type }) => this.#index.at(['all', `stream ${stream}`, `type ${type}`]));
  }
}

/** Watchers under the names that they are looked up by. */
class Index<W> {
  readonly #byName = new Map<string, Set<W>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(names: readonly string[], watcher: W): () => void {
    for (const name of names) this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(watcher));
    this.#size += 1;
    return () => {
      for (const name of names) this.#remove(name, watcher);
      this.#size -= 1;
    };
  }

  all(): ReadonlySet<W> {
    return new Set([...this.#byName.values()].flatMap((watchers) => [...watchers]));
  }

  *at(names: Iterable<string>): Generator<W> {
    for (const name of names) yield* this.#byName.get(name) ?? [];
  }

  #remove(name: string, watcher: W): void {
    const watchers = this.#byName.get(name);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byName.delete(name);
  }
}

/** Each watcher's part of a list, in the list's order; what is found for it twice is in it once. */
function partsOf<T, W>(list: readonly T[], watchersOf: (one: T) => Iterable<W>): ReadonlyMap<W, readonly T[]> {
  const parts = new Map<W, T[]>();
  for (const one of list) {
    for (const watcher of watchersOf(one)) {
      const part = parts.get(watcher);
      if (!part) parts.set(watcher, [one]);
      else if (part.at(-1) !== one) part.push(one);
    }
  }
  return parts;
}

/** A condition that names the values of one column: one value rather than several, several rather than none. */
function narrowestOf(conditions: readonly Condition[]): { readonly column: string; readonly values: readonly unknown[] } | undefined {
  const equal = conditions.find((condition) => condition.is === 'equal');
  if (equal) return { column: equal.column, values: [equal.value] };
  const among = conditions.find((condition) => condition.is === 'in');
  return among && { column: among.column, values: among.value };
}

/** A column of which a range is wanted: one with two bounds rather than one. */
function rangeOf(conditions: readonly Condition[]): readonly [string, Range] | undefined {
  const ranges = new Map<string, Range>();
  for (const condition of conditions)
    if (condition.is === 'atLeast' || condition.is === 'below')
      ranges.set(condition.column, { [condition.is]: condition.value, ...ranges.get(condition.column) });
  const found = [...ranges];
  return found.find(([, range]) => 'atLeast' in range && 'below' in range) ?? found[0];
}

const keyName = ({ name }: Table, key: string) => `${name} key ${key}`;
const valueName = ({ name }: Table, column: string, value: AnyRow[string]) =>
  `${name} where ${column} ${value instanceof Date ? value.getTime() : String(value)}`;
