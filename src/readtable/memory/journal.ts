import { limits, type Position } from '#base';
import type { Journal, JournalOptions, Reached } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import type { Table } from '../table.ts';
import type { Undo } from '../undo.ts';
import type { MemoryConnection } from './rows.ts';

/** A journal in memory, and a look into it. */
export interface MemoryJournal extends Journal<MemoryConnection> {
  /** The position after which all changes of the table are there. */
  reachesBackTo(table: Table): Position;
  /** The position at which the table's rows were made anew; 0 where they never were. */
  builtAt(table: Table): Position;
  /** A table's entries after a place, in order; also those of an open transaction. */
  after(table: Table, place: Reached): readonly Undo[];
  /** The table's rows were made anew: what was kept of it is gone. */
  restart(table: Table, position: Position): void;
}

interface Kept {
  readonly entries: Undo[];
  /** When the table was made. */
  readonly since: Position;
}

/** The journal kept in memory, beside {@link memoryRows}: for tests, simulations and trying things out. */
export function memoryJournal({ positionsMax = limits.journalPositionsMax }: JournalOptions = {}): MemoryJournal {
  const tables = new Map<string, Kept>();
  let forgotten: Position = 0;
  const keptOf = ({ name }: Table): Kept => {
    const kept = tables.get(name) ?? { entries: [], since: 0 };
    tables.set(name, kept);
    return kept;
  };
  return {
    append: (connection, position, added) => {
      for (const { table, position: at, key, before } of added) {
        const { entries } = keptOf(table);
        entries.push({ position: at, key, before });
        connection.onRollback(() => entries.pop());
      }
      connection.onCommit(() => {
        forgotten = Math.max(forgotten, position - positionsMax);
        for (const { entries } of tables.values()) forget(entries, forgotten);
      });
    },
    reachesBackTo: (table) => Math.max(forgotten, keptOf(table).since),
    builtAt: (table) => keptOf(table).since,
    after: (table, place) => {
      const { entries } = keptOf(table);
      return entries.slice(firstAfter(entries, place));
    },
    restart: (table, position) => void tables.set(table.name, { entries: [], since: position }),
  };
}

/** Half of the list at a time: moving the rest forward is then paid for by what goes. */
function forget(entries: Undo[], upTo: Position): void {
  const gone = firstAfter(entries, { position: upTo });
  if (gone > entries.length / 2) entries.splice(0, gone);
}

/** Where in the list, which is in order, the first entry after a place is. */
function firstAfter(entries: readonly Undo[], { position, key }: Reached): number {
  const isAfter = (entry: Undo) =>
    entry.position === position ? key !== undefined && compareKeys(entry.key, key) > 0 : entry.position > position;
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry && isAfter(entry)) high = middle;
    else low = middle + 1;
  }
  return low;
}
