import type { Database } from 'better-sqlite3';
import { limits } from '#base';
import type { Stored } from '../encoding.ts';
import { compareKeys } from '../keys.ts';
import { quote } from '../names.ts';
import type { Table } from '../table.ts';

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
 * Compares a table as it is stored with one that was rebuilt, byte for byte, by going through both in the order of their keys: a step's findings
 * and a row of each are all that is in memory.
 */
export function* compareRows(stored: Database, rebuilt: Database, table: Table): Generator<Compared> {
  const [left, right] = [new Rows(stored, table), new Rows(rebuilt, table)];
  try {
    while (left.row || right.row) {
      const differences: RowDifference[] = [];
      let keys = 0;
      for (; keys < limits.readEventsMax && (left.row || right.row); keys++) differences.push(...step(table, left, right));
      yield { keys, differences };
    }
  } finally {
    left.close();
    right.close();
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

function differing(table: Table, key: string, stored: Values, rebuilt: Values): readonly RowDifference[] {
  return Object.keys(table.columns).flatMap((column, at) => {
    const [before, after] = [stored[at] ?? null, rebuilt[at] ?? null];
    return before === after ? [] : [{ kind: 'differs', key, column, stored: before, rebuilt: after }];
  });
}

type Values = readonly Stored[];

/** The rows of a table, one by one. */
class Rows {
  readonly #rows: IterableIterator<Values>;
  readonly #keyAt: number;
  row: Values | undefined;

  constructor(db: Database, { name, columns, key }: Table) {
    const names = Object.keys(columns);
    this.#keyAt = names.indexOf(key);
    this.#rows = db
      .prepare<[], Values>(`SELECT ${names.map(quote).join(', ')} FROM ${quote(name)} ORDER BY ${quote(key)}`)
      .raw()
      .iterate();
    this.next();
  }

  get key(): string {
    return String(this.row?.[this.#keyAt]);
  }

  next(): void {
    const { done, value } = this.#rows.next();
    this.row = done ? undefined : value;
  }

  close(): void {
    this.#rows.return?.();
  }
}
