import { havingValues } from '../having.ts';
import type { RowStore } from '../port.ts';
import type { AnyRow, Table } from '../table.ts';
import { assertWrites, inKeyOrder } from '../writes.ts';

/** A transaction in memory: what was done is undone by what it is told. */
export interface MemoryConnection {
  /** Registers how to undo one change; run in reverse order where the transaction fails. */
  onRollback(undo: () => void): void;
  /** Registers what to do once the transaction is committed. */
  onCommit(step: () => void): void;
}

/** Rows in memory, and a look at all of them. */
export interface MemoryRows extends RowStore<MemoryConnection> {
  /** All rows, in the order of their keys; also what an open transaction has written. */
  all(table: Table): readonly AnyRow[];
  /** The rows by their keys, without what an open transaction has written. */
  committed(table: Table): ReadonlyMap<string, AnyRow>;
}

/** The rows of one table, and as they stood before the open transaction those that it has written. */
interface Kept {
  readonly rows: Map<string, AnyRow>;
  readonly before: Map<string, AnyRow | undefined>;
}

/** Read tables kept in memory: for tests, simulations and trying things out. */
export function memoryRows(): MemoryRows {
  const tables = new Map<string, Kept>();
  const keptOf = ({ name }: Table): Kept => {
    const kept = tables.get(name) ?? { rows: new Map(), before: new Map() };
    tables.set(name, kept);
    return kept;
  };
  const all = (table: Table) => inKeyOrder(table, [...keptOf(table).rows.values()]);
  return {
    all,
    committed: (table) => {
      const { rows, before } = keptOf(table);
      if (before.size === 0) return rows;
      const copy = new Map(rows);
      for (const [key, row] of before) set(copy, key, row);
      return copy;
    },
    get: (_, table, key) => keptOf(table).rows.get(key),
    where: (_, table, equals) => {
      const fits = havingValues(table, equals);
      return all(table).filter(fits);
    },
    write: (connection, table, writes) => {
      assertWrites(table, writes);
      const { rows, before } = keptOf(table);
      connection.onCommit(() => before.clear());
      for (const [key, row] of writes) {
        const was = rows.get(key);
        if (!before.has(key)) before.set(key, was);
        connection.onRollback(() => {
          set(rows, key, was);
          before.delete(key);
        });
        set(rows, key, row);
      }
    },
  };
}

function set(rows: Map<string, AnyRow>, key: string, row: AnyRow | undefined): void {
  if (row) rows.set(key, row);
  else rows.delete(key);
}
