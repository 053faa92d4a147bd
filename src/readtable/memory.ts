import { havingValues } from './having.ts';
import type { RowStore } from './port.ts';
import type { AnyRow, Table } from './table.ts';
import { assertWrites, inKeyOrder } from './writes.ts';

/** A transaction in memory: what was done is undone by what it is told. */
export interface MemoryConnection {
  /** Registers how to undo one change; run in reverse order where the transaction fails. */
  onRollback(undo: () => void): void;
}

/** Rows in memory, and a look at all of them. */
export interface MemoryRows extends RowStore<MemoryConnection> {
  /** All rows, in the order of their keys. */
  all(table: Table): readonly AnyRow[];
}

/** Read tables kept in memory: for tests, simulations and trying things out. */
export function memoryRows(): MemoryRows {
  const tables = new Map<string, Map<string, AnyRow>>();
  const rowsOf = (table: Table): Map<string, AnyRow> => tables.get(table.name) ?? new Map();
  const all = (table: Table) => inKeyOrder(table, [...rowsOf(table).values()]);
  return {
    all,
    get: (_, table, key) => rowsOf(table).get(key),
    where: (_, table, equals) => {
      const fits = havingValues(table, equals);
      return all(table).filter(fits);
    },
    write: (connection, table, writes) => {
      assertWrites(table, writes);
      const rows = rowsOf(table);
      tables.set(table.name, rows);
      for (const [key, row] of writes) {
        const before = rows.get(key);
        connection.onRollback(() => set(rows, key, before));
        set(rows, key, row);
      }
    },
  };
}

function set(rows: Map<string, AnyRow>, key: string, row: AnyRow | undefined): void {
  if (row) rows.set(key, row);
  else rows.delete(key);
}
