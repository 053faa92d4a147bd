import { limits } from '#base';
import type { Stored } from './encoding.ts';
import { compareKeys } from './keys.ts';
import type { StandingTables, StoredValues } from './standing.ts';
import type { Table } from './table.ts';

/** Where a stored row is not what the log gives. */
export type RowDifference =
  | { readonly kind: 'extra' | 'missing'; readonly key: string }
  | { readonly kind: 'differs'; readonly key: string; readonly column: string; readonly stored: Stored; readonly rebuilt: Stored };

/** A step of comparing: how many keys were gone through, and what was found. */
export interface Compared {
  readonly keys: number;
  readonly differences: readonly RowDifference[];
}

/**
 * Compares a table as it is stored with one that was rebuilt, byte for byte, whatever the two are stored in, by going through both in the order of their
 * keys: a step's findings and a page of rows of each are all that is in memory.
 */
export async function* compareRows(stored: StandingTables, rebuilt: StandingTables, table: Table): AsyncGenerator<Compared> {
  const [left, right] = [new Rows(stored, table), new Rows(rebuilt, table)];
  for (;;) {
    await left.fill();
    await right.fill();
    if (!left.row && !right.row) return;
    const differences: RowDifference[] = [];
    let keys = 0;
    for (; keys < limits.readEventsMax && left.isFilled && right.isFilled && (left.row || right.row); keys++)
      differences.push(...step(table, left, right));
    yield { keys, differences };
  }
}

function step(table: Table, left: Rows, right: Rows): readonly RowDifference[] {
  const [stored, rebuilt] = [left.row, right.row];
  const order = !rebuilt ? -1 : !stored ? 1 : compareKeys(left.key, right.key);
  const [key, kind] = order < 0 ? ([left.key, 'extra'] as const) : ([right.key, 'missing'] as const);
  if (order <= 0) left.next();
  if (order >= 0) right.next();
  return stored && rebuilt && order === 0 ? differing(table, key, stored, rebuilt) : [{ kind, key }];
}

function differing(table: Table, key: string, stored: StoredValues, rebuilt: StoredValues): readonly RowDifference[] {
  return Object.keys(table.columns).flatMap((column, at) => {
    const [before, after] = [stored[at] ?? null, rebuilt[at] ?? null];
    return before === after ? [] : [{ kind: 'differs', key, column, stored: before, rebuilt: after }];
  });
}

/** The rows of a table, one by one. */
class Rows {
  readonly #tables: StandingTables;
  readonly #table: Table;
  readonly #keyAt: number;
  #page: readonly StoredValues[] = [];
  #at = 0;
  #isOver = false;

  constructor(tables: StandingTables, table: Table) {
    this.#tables = tables;
    this.#table = table;
    this.#keyAt = Object.keys(table.columns).indexOf(table.key);
  }

  /** False where there may be more rows, and none of them is at hand: then `row` says nothing. */
  get isFilled(): boolean {
    return this.#isOver || this.#at < this.#page.length;
  }

  get row(): StoredValues | undefined {
    return this.#page[this.#at];
  }

  get key(): string {
    return String(this.row?.[this.#keyAt]);
  }

  next(): void {
    this.#at += 1;
  }

  async fill(): Promise<void> {
    if (this.isFilled) return;
    const after = this.#page.at(-1)?.[this.#keyAt];
    this.#page = await this.#tables.rows(this.#table, after ?? undefined, limits.readEventsMax);
    this.#at = 0;
    this.#isOver = this.#page.length === 0;
  }
}
