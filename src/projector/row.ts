import { assert, VarveError } from '#base';
import type { Recorded } from '#event';
import { type AnyRow, type Equals, havingValues, type Table } from '#readtable';
import { apply, type StandingRows } from './apply.ts';
import type { Projection, RowChange } from './projection.ts';
import { rebuildStopped } from './rebuild.ts';

/** One row of a read table, folded from events alone: what a rebuild of the whole table would make of it. */
export class FoldedRow {
  readonly #projection: Projection;
  readonly #key: string;
  readonly #rows: OneRow;

  constructor(projection: Projection, key: string) {
    this.#projection = projection;
    this.#key = key;
    this.#rows = new OneRow(projection.table);
  }

  /** The row as the events so far leave it; undefined: there is none. */
  get row(): AnyRow | undefined {
    return this.#rows.row;
  }

  /** Takes the log's next event. Throws `REBUILD_STOPPED` where the projection fails on it. */
  async take(event: Recorded): Promise<void> {
    const { table, types, changes } = this.#projection;
    if (!types.has(event.type)) return;
    try {
      for (const change of changes(event)) if (this.#mayConcern(change)) await apply(this.#rows, table, change, event);
    } catch (fault) {
      throw fault instanceof VarveError ? rebuildStopped(event, fault) : fault;
    }
  }

  #mayConcern(change: RowChange): boolean {
    return !('key' in change) || change.key === this.#key;
  }
}

class OneRow implements StandingRows {
  readonly #table: Table;
  row: AnyRow | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  read(): AnyRow | undefined {
    return this.row;
  }

  replaced(): undefined {
    return undefined;
  }

  async where(table: Table, equals: Equals): Promise<readonly AnyRow[]> {
    assert(table === this.#table, `The projection of ${this.#table.name} changes rows of ${table.name}.`);
    return this.row && havingValues(table, equals)(this.row) ? [this.row] : [];
  }

  stage(_table: Table, _key: string, _before: AnyRow | undefined, after: AnyRow | undefined): void {
    this.row = after;
  }
}
