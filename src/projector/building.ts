import { assert, roughBytes } from '#base';
import type { AnyRow, Equals, RowStore, Table } from '#readtable';
import { type Awaitable, assertFewRows, type StandingRows } from './apply.ts';

/** A row in memory; without one, what stands in the store is to go. */
interface Held {
  readonly key: string;
  row: AnyRow | undefined;
  bytes: number;
  /** What is in the store is another. */
  isChanged: boolean;
}

/** What is held of one table: rows touched of late, and rows that were not touched since the last ones were written. */
interface HeldTable {
  late: Map<string, Held>;
  early: Map<string, Held>;
  /** The late row that was read last: as a rule it is the next to be changed. */
  read: Held | undefined;
  /** Until a row is written there is none in the store: nothing is looked for in vain. */
  isWritten: boolean;
}

/**
 * The rows of the tables that a rebuild fills: held in memory, within a bound, so that a row is written once for many events. Nobody reads
 * those tables yet; so what is held back is missed by nobody. Rows lie in two halves: where the younger one is full, the changed rows of the
 * older one are written and the older one is let go.
 */
export class BuildingRows<Connection> implements StandingRows {
  readonly #store: RowStore<Connection>;
  readonly #halfBytesMax: number;
  readonly #tables = new Map<Table, HeldTable>();
  /** Of the late rows. */
  #bytes = 0;
  #changes = 0;
  #connection: Connection | undefined;

  constructor(store: RowStore<Connection>, bytesMax: number) {
    this.#store = store;
    this.#halfBytesMax = bytesMax / 2;
  }

  /** What follows is done in this transaction. */
  in(connection: Connection): this {
    this.#connection = connection;
    return this;
  }

  /** An event was applied. True where it is time to write. */
  settle(): boolean {
    this.#changes = 0;
    return this.#bytes > this.#halfBytesMax;
  }

  /** Writes what changed of the older rows, and makes all others older. Done twice, it leaves nothing unwritten. */
  async write(): Promise<void> {
    for (const [table, held] of this.#tables) {
      await this.#writeChanged(table, held, held.early);
      held.early = held.late;
      held.late = new Map();
      held.read = undefined;
    }
    this.#bytes = 0;
  }

  read(table: Table, key: string): Awaitable<AnyRow | undefined> {
    const tableHeld = this.#of(table);
    const held = this.#held(tableHeld, key);
    if (held) return held.row;
    if (!tableHeld.isWritten) return undefined;
    const row = this.#store.get(this.#connected(), table, key);
    return row instanceof Promise ? row.then((row) => this.#remember(tableHeld, key, row)) : this.#remember(tableHeld, key, row);
  }

  /** Nobody follows these tables. */
  replaced(): undefined {
    return undefined;
  }

  async where(table: Table, equals: Equals): Promise<readonly AnyRow[]> {
    const held = this.#of(table);
    // The store answers for all rows, and looks by an index.
    await this.#writeChanged(table, held, held.early);
    await this.#writeChanged(table, held, held.late);
    const rows = await this.#store.where(this.#connected(), table, equals);
    for (const row of rows) Object.freeze(row);
    return rows;
  }

  stage(table: Table, key: string, _before: AnyRow | undefined, row: AnyRow | undefined): void {
    this.#changes += 1;
    assertFewRows(this.#changes);
    const { late, early, read } = this.#of(table);
    const bytes = bytesOf(row);
    this.#bytes += bytes;
    const held = read?.key === key ? read : late.get(key);
    if (held) {
      this.#bytes -= held.bytes;
      held.row = row;
      held.bytes = bytes;
      held.isChanged = true;
      return;
    }
    if (early.size > 0) early.delete(key);
    late.set(key, { key, row, bytes, isChanged: true });
  }

  #connected(): Connection {
    assert(this.#connection !== undefined, 'The rows of a rebuild are asked for outside of its transactions.');
    return this.#connection;
  }

  #of(table: Table): HeldTable {
    const known = this.#tables.get(table);
    if (known) return known;
    const made: HeldTable = { late: new Map(), early: new Map(), read: undefined, isWritten: false };
    this.#tables.set(table, made);
    return made;
  }

  #held(table: HeldTable, key: string): Held | undefined {
    table.read = table.late.get(key) ?? this.#madeLate(table, key);
    return table.read;
  }

  #madeLate({ late, early }: HeldTable, key: string): Held | undefined {
    const old = early.size > 0 ? early.get(key) : undefined;
    if (!old) return undefined;
    early.delete(key);
    late.set(key, old);
    this.#bytes += old.bytes;
    return old;
  }

  #remember({ late }: HeldTable, key: string, row: AnyRow | undefined): AnyRow | undefined {
    if (!row) return undefined;
    const bytes = bytesOf(row);
    late.set(key, { key, row: Object.freeze(row), bytes, isChanged: false });
    this.#bytes += bytes;
    return row;
  }

  async #writeChanged(table: Table, held: HeldTable, rows: ReadonlyMap<string, Held>): Promise<void> {
    const changed = new Map<string, AnyRow | undefined>();
    for (const [key, one] of rows) {
      if (!one.isChanged) continue;
      changed.set(key, one.row);
      one.isChanged = false;
    }
    if (changed.size === 0) return;
    held.isWritten = true;
    await this.#store.write(this.#connected(), table, changed);
  }
}

/** With what it takes to hold it. */
const bytesOf = (row: AnyRow | undefined): number => 64 + (row ? roughBytes(row) : 0);
