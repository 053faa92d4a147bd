import { LRUCache } from 'lru-cache';
import { limits, roughBytes } from '#base';
import type { Recorded } from '#event';
import { type AnyRow, compareKeys, type Equals, havingValues, keyOf, type RowStore, type Table } from '#readtable';
import { type Awaitable, apply, assertFewRows, type StandingRows } from './apply.ts';
import type { Change } from './change.ts';
import { type Projection, projectionsByType } from './projection.ts';

type RowsByTable = Map<Table, Map<string, AnyRow | undefined>>;
type ChangesByTable = Map<Table, Map<string, Change>>;

/** Keeps read tables current: turns events into rows, inside the append's transaction. One for each writer. */
export interface Projector<Connection> {
  /** Begins the work of one transaction. */
  begin(connection: Connection): ProjectorWork;
  /** Forgets the rows it remembers: after a transaction that failed. */
  forget(): void;
  /** Somebody else changed rows: those that are remembered stand as they were left. */
  take(changes: readonly Pick<Change, 'table' | 'key' | 'after'>[]): void;
}

/** The projecting of one transaction's events, command by command. */
export interface ProjectorWork {
  /** Notes the rows that a command's events change and that are not at hand, where the store is far away. What throws here throws in `project`, too, and is told there. */
  foresee(events: readonly Recorded[]): void;
  /** Reads the rows that were noted; undefined where there are none. */
  fetch(): Promise<void> | undefined;
  /** Works out what the events of one command change, in the order that a commit has its changes in. Throws where a projection has a bug, and `COMMAND_TOO_LARGE`; then `drop`. */
  project(events: readonly Recorded[]): Promise<readonly Change[]>;
  /** The command was accepted: what was worked out will be written. */
  keep(): void;
  /** The command failed: what was worked out since the last `keep` is gone. */
  drop(): void;
  /** Writes what was kept, each row once, as it became last. */
  flush(): Promise<void>;
}

/** How much a projector remembers. */
export interface RowsBounds {
  readonly rowsCachedMax: number;
  readonly rowsCachedBytesMax: number;
}

/**
 * Builds a projector. It remembers the rows it touched, within bounds, so that a hot row costs no read; a batch's changes of
 * one row are written once.
 *
 * @param onRow told of each row that an event changes: a command that changes many takes its time
 */
export function projector<Connection>(
  projections: readonly Projection[],
  store: RowStore<Connection>,
  { rowsCachedMax, rowsCachedBytesMax }: RowsBounds = limits,
  onRow: () => void = () => {},
): Projector<Connection> {
  const byType = projectionsByType(projections);
  const remembered = new LRUCache<string, AnyRow>({
    max: rowsCachedMax,
    maxSize: rowsCachedBytesMax,
    sizeCalculation: roughBytes,
  });
  return {
    begin: (connection) => new Work(byType, store, remembered, connection, onRow),
    forget: () => remembered.clear(),
    take: (changes) => {
      for (const { table, key, after } of changes) {
        const name = nameOf(table, key);
        if (!remembered.has(name)) continue;
        if (after) remembered.set(name, Object.freeze(after));
        else remembered.delete(name);
      }
    },
  };
}

class Work<Connection> implements ProjectorWork, StandingRows {
  readonly #byType: ReadonlyMap<string, readonly Projection[]>;
  readonly #store: RowStore<Connection>;
  readonly #remembered: LRUCache<string, AnyRow>;
  readonly #connection: Connection;
  readonly #onRow: () => void;
  readonly #kept: RowsByTable = new Map();
  #staged: RowsByTable = new Map();
  /** What the event at hand has changed so far. */
  #changed: ChangesByTable = new Map();
  /** Changes of rows that the command has asked for. */
  #asked = 0;
  readonly #foreseen = new Map<Table, Set<string>>();

  constructor(
    byType: ReadonlyMap<string, readonly Projection[]>,
    store: RowStore<Connection>,
    remembered: LRUCache<string, AnyRow>,
    connection: Connection,
    onRow: () => void,
  ) {
    this.#byType = byType;
    this.#store = store;
    this.#remembered = remembered;
    this.#connection = connection;
    this.#onRow = onRow;
  }

  foresee(events: readonly Recorded[]): void {
    if (!this.#store.expect) return;
    for (const event of events)
      for (const { table, changes } of this.#byType.get(event.type) ?? []) this.#foreseeAll(table, changes, event);
  }

  #foreseeAll(table: Table, changes: Projection['changes'], event: Recorded): void {
    try {
      for (const change of changes(event)) {
        if (!('key' in change) || this.#remembered.has(nameOf(table, change.key))) continue;
        const keys = this.#foreseen.get(table) ?? new Set();
        this.#foreseen.set(table, keys.add(change.key));
      }
    } catch {
      // It is told where the event is projected.
    }
  }

  fetch(): Promise<void> | undefined {
    return this.#foreseen.size > 0 ? this.#store.expect?.(this.#connection, this.#foreseen) : undefined;
  }

  async project(events: readonly Recorded[]): Promise<readonly Change[]> {
    const all: Change[] = [];
    this.#asked = 0;
    for (const event of events) {
      this.#changed = new Map();
      for (const { table, changes } of this.#byType.get(event.type) ?? []) {
        for (const change of changes(event)) {
          const applied = apply(this, table, change, event);
          if (applied) await applied;
        }
      }
      for (const changes of this.#changed.values()) for (const change of inOrder(changes)) all.push(change);
    }
    return all;
  }

  keep(): void {
    for (const [table, rows] of this.#staged) {
      const kept = mapOf(this.#kept, table);
      for (const [key, row] of rows) {
        kept.set(key, row);
        if (row) this.#remembered.set(nameOf(table, key), row);
        else this.#remembered.delete(nameOf(table, key));
      }
    }
    this.drop();
  }

  drop(): void {
    this.#staged = new Map();
  }

  async flush(): Promise<void> {
    for (const table of this.#kept.keys()) await this.#flushTable(table);
  }

  stage(table: Table, key: string, before: AnyRow | undefined, after: AnyRow | undefined, cause: Recorded): void {
    this.#onRow();
    mapOf(this.#staged, table).set(key, after);
    this.#note({ table, key, before, after, cause });
  }

  /** A row that one event changes twice has changed once: from what it was first to what it is last. */
  #note(change: Change): void {
    const changes = mapOf(this.#changed, change.table);
    const first = changes.get(change.key) ?? change;
    changes.set(change.key, first === change ? change : { ...change, before: first.before });
    this.#asked += 1;
    assertFewRows(this.#asked);
  }

  read(table: Table, key: string): Awaitable<AnyRow | undefined> {
    const staged = this.#staged.get(table);
    if (staged?.has(key)) return staged.get(key);
    const kept = this.#kept.get(table);
    if (kept?.has(key)) return kept.get(key);
    const known = this.#remembered.get(nameOf(table, key));
    if (known) return known;
    const row = this.#store.get(this.#connection, table, key);
    return row instanceof Promise ? row.then((row) => this.#remember(table, key, row)) : this.#remember(table, key, row);
  }

  /** Live streams say what stood there. */
  replaced(table: Table, key: string): Awaitable<AnyRow | undefined> {
    return this.read(table, key);
  }

  #remember(table: Table, key: string, row: AnyRow | undefined): AnyRow | undefined {
    if (row) this.#remembered.set(nameOf(table, key), Object.freeze(row));
    return row;
  }

  /** The store answers for all that was kept; what this command has staged is looked through here. */
  async where(table: Table, equals: Equals): Promise<readonly AnyRow[]> {
    await this.#flushTable(table);
    const stored = await this.#store.where(this.#connection, table, equals);
    const staged = this.#staged.get(table);
    if (!staged) return stored;
    const fits = havingValues(table, equals);
    const changed = [...staged.values()].flatMap((row) => (row && fits(row) ? [row] : []));
    const rows = [...stored.filter((row) => !staged.has(keyOf(table, row))), ...changed];
    return rows.sort((a, b) => (keyOf(table, a) < keyOf(table, b) ? -1 : 1));
  }

  async #flushTable(table: Table): Promise<void> {
    const rows = this.#kept.get(table);
    if (!rows?.size) return;
    await this.#store.write(this.#connection, table, rows);
    this.#kept.set(table, new Map());
  }
}

const nameOf = (table: Table, key: string) => `${table.name} ${key}`;

function mapOf<T>(tables: Map<Table, Map<string, T>>, table: Table): Map<string, T> {
  const known = tables.get(table);
  if (known) return known;
  const made = new Map<string, T>();
  tables.set(table, made);
  return made;
}

/** Where a row has come and gone again, nothing has changed. */
function inOrder(changes: ReadonlyMap<string, Change>): readonly Change[] {
  const real = [...changes.values()].filter(({ before, after }) => before !== after);
  return real.sort((a, b) => compareKeys(a.key, b.key));
}
