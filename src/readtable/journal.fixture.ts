import { expect } from 'vitest';
import type { Position } from '#base';
import type { ChangesRequest, Journal, JournalEntry, JournaledChange, Reached } from './journal.ts';
import { compareKeys } from './keys.ts';
import { readOnce } from './once.ts';
import type { Awaitable, RowStore } from './port.ts';
import type { Snapshots } from './read.ts';
import { type Thing, thing, things } from './rowstore.contract.ts';
import type { Table } from './table.ts';

/** Rows and their journal, and a way to write to both in one transaction. */
export interface OpenJournal<Connection> {
  readonly rows: RowStore<Connection>;
  readonly journal: Journal<Connection>;
  readonly snapshots: Snapshots;
  /** Runs the work, which moves the log to a position; where it throws, undoes it and throws on. */
  transaction<T>(position: Position, work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Puts an empty table in the table's place, as a rebuild does. */
  swap(table: Table): Promise<void>;
  close(): Awaitable<void>;
}

/** A way to open a journal on empty tables. */
export type Opens<Connection> = (tables: readonly Table[], positionsMax?: number) => Awaitable<OpenJournal<Connection>>;

/** What one event does: rows by their keys; undefined removes one. */
export type Step = ReadonlyMap<string, Thing | undefined>;

/** Writes rows with their journal and remembers every change as a reader must find it. */
export class Story<Connection> {
  readonly #open: OpenJournal<Connection>;
  readonly #table: Table;
  readonly #rows = new Map<string, Thing>();
  readonly history: JournaledChange[] = [];
  #position: Position = 0;

  constructor(open: OpenJournal<Connection>, of: Table = things) {
    this.#open = open;
    this.#table = of;
  }

  /** Lets positions pass by that change nothing here. */
  after(positions: number): this {
    this.#position += positions;
    return this;
  }

  /** One transaction, a position a step. */
  async commit(...steps: readonly Step[]): Promise<void> {
    const changes = steps.flatMap((step, i) => this.#take(step, this.#position + 1 + i));
    this.#position += steps.length;
    this.history.push(...changes);
    const entries: JournalEntry[] = changes.map(({ position, key, before }) => ({ table: this.#table, position, key, before }));
    await this.#open.transaction(this.#position, async (connection) => {
      await this.#open.rows.write(connection, this.#table, new Map(changes.map(({ key, after }) => [key, after])));
      await this.#open.journal.append(connection, this.#position, entries);
    });
  }

  #take(step: Step, position: Position): readonly JournaledChange[] {
    const keys = [...step.keys()].sort(compareKeys);
    return keys.flatMap((key) => {
      const [before, after] = [this.#rows.get(key), step.get(key)];
      if (!before && !after) return [];
      if (after) this.#rows.set(key, after);
      else this.#rows.delete(key);
      return { position, key, before, after };
    });
  }
}

/** Steps: some rows, one row of a size, a row removed. */
export const puts = (...rows: readonly Thing[]): Step => new Map(rows.map((row) => [row.thingId, row]));
export const put = (thingId: string, size: number): Step => puts(thing(thingId, { size }));
export const remove = (thingId: string): Step => new Map([[thingId, undefined]]);
/** Before the first position. */
export const start: Reached = { position: 0 };
/** A change in a line. */
export const short = ({ position, key, before, after }: JournaledChange) => [position, key, before?.['size'], after?.['size']];

/** One page, from the beginning where nothing else is asked. */
export function read({ snapshots }: { readonly snapshots: Snapshots }, request: Partial<ChangesRequest> = {}, of: Table = things) {
  return readOnce(snapshots, (snapshot) => snapshot.changes(of, { after: start, count: 1_000, ...request }));
}

/** Reads to the end, pages of these sizes in turn; `between` is done between two pages. */
export async function readAll(
  open: { readonly snapshots: Snapshots },
  { after, key, sizes }: { readonly after: Reached; readonly key?: string | undefined; readonly sizes: readonly number[] },
  between = async () => {},
): Promise<readonly JournaledChange[]> {
  const all: JournaledChange[] = [];
  let at = after;
  for (let turn = 0, hasMore = true; hasMore; turn++) {
    const page = await read(open, { after: at, count: sizes[turn % sizes.length] ?? 1, ...(key !== undefined && { key }) });
    expect(page).toBeDefined();
    all.push(...(page?.changes ?? []));
    hasMore = page?.hasMore === true;
    const last = all.at(-1);
    if (last) at = { position: last.position, key: last.key };
    await between();
  }
  return all;
}

/** True where a reader who stands there has not seen the change yet. */
export const isAfter = ({ position, key }: Reached, change: JournaledChange) =>
  change.position === position ? key !== undefined && compareKeys(change.key, key) > 0 : change.position > position;

/** Where a reader stands who has seen the change. */
export const placeOf = (change: JournaledChange | undefined): Reached | undefined =>
  change && { position: change.position, key: change.key };
