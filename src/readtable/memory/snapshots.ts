import { assert, type Position } from '#base';
import { type Place, placeOf } from '../cursor.ts';
import { encode, type Stored } from '../encoding.ts';
import type { ChangesRequest, JournalPage } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import { matches } from '../matches.ts';
import type { Awaitable } from '../port.ts';
import type { Condition, Page, PageRequest, Selection, Snapshot, Snapshots } from '../read.ts';
import { type AnyRow, columnOf, keyOf, type Table } from '../table.ts';
import { withAfter } from '../undo.ts';
import type { MemoryJournal } from './journal.ts';
import type { MemoryRows } from './rows.ts';

/** What snapshots in memory are taken of. */
export interface MemoryTables {
  readonly rows: MemoryRows;
  /** Every change of the rows must be in it. */
  readonly journal: MemoryJournal;
  /** The log's last committed position. */
  position(): Awaitable<Position>;
}

/** Snapshots of read tables in memory: for tests and simulations. No limit to how many are out; each costs nothing until it is read. */
export function memorySnapshots(tables: MemoryTables): Snapshots {
  return { take: async () => new MemorySnapshot(tables, await tables.position()), close: () => {} };
}

/** Sees its position for ever: what was committed since is undone by the journal. */
class MemorySnapshot implements Snapshot {
  readonly position: Position;
  readonly #rows: MemoryRows;
  readonly #journal: MemoryJournal;
  #released = false;

  constructor({ rows, journal }: MemoryTables, position: Position) {
    this.#rows = rows;
    this.#journal = journal;
    this.position = position;
  }

  row(table: Table, key: string): AnyRow | undefined {
    return this.#all(table).get(key);
  }

  rows(table: Table, keys: readonly string[]): readonly (AnyRow | undefined)[] {
    const all = this.#all(table);
    return keys.map((key) => all.get(key));
  }

  page(table: Table, request: PageRequest): Page {
    const after = request.after === undefined ? undefined : placeOf(table, request, request.after);
    const before = request.before === undefined ? undefined : placeOf(table, request, request.before);
    const beyond = comparison(table, request);
    const selected = this.#matching(table, request.conditions).sort((a, b) => beyond(a, placeIn(table, request, b)));
    const between = selected.filter((row) => (!after || beyond(row, after) > 0) && (!before || beyond(row, before) < 0));
    const cut = between.length - Math.min(request.count, between.length);
    return {
      rows: request.fromEnd ? between.slice(cut) : between.slice(0, between.length - cut),
      hasNextPage: (cut > 0 && !request.fromEnd) || (before !== undefined && selected.some((row) => beyond(row, before) >= 0)),
      hasPreviousPage: (cut > 0 && request.fromEnd) || (after !== undefined && selected.some((row) => beyond(row, after) <= 0)),
    };
  }

  count(table: Table, conditions: readonly Condition[]): number {
    return this.#matching(table, conditions).length;
  }

  changes(table: Table, { after, key, count }: ChangesRequest): JournalPage | undefined {
    const all = this.#all(table);
    const builtAt = this.#journal.builtAt(table);
    if (builtAt > 0 && after.position <= builtAt) return undefined;
    if ((after.key === undefined ? after.position : after.position - 1) < this.#journal.reachesBackTo(table)) return undefined;
    const found = this.#journal
      .after(table, after)
      .filter((entry) => entry.position <= this.position && (key === undefined || key === entry.key));
    const page = found.slice(0, count);
    const later = new Map(page.map((entry) => [entry.key, all.get(entry.key)]));
    for (const entry of found.slice(count).reverse()) if (later.has(entry.key)) later.set(entry.key, entry.before);
    return { changes: withAfter(page, later), hasMore: found.length > page.length };
  }

  release(): void {
    this.#released = true;
  }

  #all(table: Table): ReadonlyMap<string, AnyRow> {
    assert(!this.#released, 'A snapshot was read after its release.', 'Release a snapshot when nothing more is read of it.');
    assert(this.#journal.reachesBackTo(table) <= this.position, 'A snapshot was kept for longer than the journal reaches back.');
    const since = this.#journal.after(table, { position: this.position });
    const now = this.#rows.committed(table);
    if (since.length === 0) return now;
    const rows = new Map(now);
    for (const { key, before } of since.toReversed()) {
      if (before) rows.set(key, before);
      else rows.delete(key);
    }
    return rows;
  }

  #matching(table: Table, conditions: readonly Condition[]): AnyRow[] {
    return [...this.#all(table).values()].filter((row) => matches(conditions, row));
  }
}

const placeIn = (table: Table, { orderBy }: Selection, row: AnyRow): Place => ({
  value: encode(columnOf(table, orderBy), row[orderBy]),
  key: keyOf(table, row),
});

/** On which side of a place a row stands in a selection's order: by value, then by key. */
function comparison(table: Table, selection: Selection): (row: AnyRow, place: Place) => number {
  const sign = selection.descending ? -1 : 1;
  return (row, place) => {
    const { value, key } = placeIn(table, selection, row);
    return sign * (compareStored(value, place.value) || compareKeys(key, place.key));
  };
}

const compareStored = (a: Stored, b: Stored) =>
  typeof a === 'string' || typeof b === 'string' ? compareKeys(String(a), String(b)) : Number(a) - Number(b);
