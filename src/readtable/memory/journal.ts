import { limits, type Position } from '#base';
import type { Journal, JournalOptions, Reached, TableChange } from '../journal.ts';
import { compareKeys } from '../keys.ts';
import type { Table } from '../table.ts';
import { type Undo, withAfter } from '../undo.ts';
import type { MemoryConnection, MemoryRows } from './rows.ts';

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

/** What may be set of a journal in memory. */
interface MemoryJournalOptions extends JournalOptions {
  /** The rows that it tells of; left out: nobody asks what others committed. */
  readonly rows?: MemoryRows;
}

/** The journal kept in memory, beside {@link memoryRows}: for tests, simulations and trying things out. */
export function memoryJournal({ positionsMax = limits.journalPositionsMax, rows }: MemoryJournalOptions = {}): MemoryJournal {
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
    ...(rows && { since: async (_, after, asked) => changesSince(asked, (table) => keptOf(table).entries, rows, after) }),
    reachesBackTo: (table) => Math.max(forgotten, keptOf(table).since),
    builtAt: (table) => keptOf(table).since,
    after: (table, place) => {
      const { entries } = keptOf(table);
      return entries.slice(firstAfter(entries, place));
    },
    restart: (table, position) => void tables.set(table.name, { entries: [], since: position }),
  };
}

function changesSince(
  tables: readonly Table[],
  entriesOf: (table: Table) => readonly Undo[],
  rows: MemoryRows,
  after: Position,
): readonly TableChange[] {
  const changes = tables.flatMap((table) => {
    const entries = entriesOf(table).filter(({ position }) => position > after);
    const standing = rows.committed(table);
    const later = new Map(entries.map(({ key }) => [key, standing.get(key)]));
    return withAfter(entries, later).map((change) => ({ ...change, table }));
  });
  return changes.sort((a, b) => a.position - b.position);
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
