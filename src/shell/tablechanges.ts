import { limits } from '#base';
import type { RowDifference } from '#readtable';
import { cutDown, type Value } from './findings.ts';

/** A row that a rebuild will change, or a column of it that will have another value. */
export interface RowToChange {
  readonly kind: 'changed' | 'added' | 'removed';
  readonly key: string;
  /** Of a row that changes: the column, and its value before and after, cut down to where they differ. */
  readonly column?: string;
  readonly before?: Value;
  readonly after?: Value;
}

/** What a rebuild will do to a table's rows. */
export interface RowCounts {
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
  /** Of the rows that change: how many in each column. */
  readonly byColumn: Readonly<Record<string, number>>;
  /** The first of each kind, and of each column: `limits.findingsShownMax`. */
  readonly rows: readonly RowToChange[];
}

/** Counts the differences between a table as it stands and as a rebuild gives it. */
export class TableChanges {
  #changed = 0;
  #added = 0;
  #removed = 0;
  readonly #byColumn = new Map<string, number>();
  readonly #rows: RowToChange[] = [];
  #last: string | undefined;

  /** The differences of one row come one after the other. */
  add(difference: RowDifference): void {
    const { key } = difference;
    if (difference.kind === 'differs') {
      if (this.#last !== key) this.#changed += 1;
      this.#last = key;
      this.#addValue(difference);
    } else if (difference.kind === 'missing') {
      this.#added += 1;
      this.#show(this.#added, { kind: 'added', key });
    } else {
      this.#removed += 1;
      this.#show(this.#removed, { kind: 'removed', key });
    }
  }

  get counts(): RowCounts {
    const [changed, added, removed] = [this.#changed, this.#added, this.#removed];
    return { changed, added, removed, byColumn: Object.fromEntries(this.#byColumn), rows: this.#rows };
  }

  #addValue({ key, column, stored, rebuilt }: Extract<RowDifference, { kind: 'differs' }>): void {
    const count = (this.#byColumn.get(column) ?? 0) + 1;
    this.#byColumn.set(column, count);
    if (count > limits.findingsShownMax) return;
    const [before, after] = cutDown(stored, rebuilt);
    this.#show(count, { kind: 'changed', key, column, before, after });
  }

  #show(count: number, row: RowToChange): void {
    if (count <= limits.findingsShownMax) this.#rows.push(row);
  }
}
