import type { Application } from '#application';
import { codecOf } from '#command';
import type { Head } from '#eventstore';
import type { Projection } from '#projector';
import { type NotedTable, onlyColumns, type StandingTables, type Table, tableHash } from '#readtable';
import { type Finding, Findings, type Found, rowFinding } from './findings.ts';
import { type Looked, lookFault, openLook } from './looked.ts';
import type { Place, PlaceOptions } from './place.ts';
import { compareTable, refold } from './refold.ts';
import { ScratchRebuild } from './scratch.ts';
import { type RowCounts, TableChanges } from './tablechanges.ts';

/** How far a check is: all events, then all rows. */
export interface CheckProgress {
  readonly step: 'events' | 'rows';
  readonly done: number;
  readonly total: number;
}

/** What may be set of {@link checkPlace}. */
export interface CheckOptions extends Pick<PlaceOptions, 'log'> {
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
}

/** What a start of this version of the program will do to a read table. */
export interface CheckedTable extends RowCounts {
  readonly name: string;
  /**
   * `kept`: it stays as it is, and is what the log gives. `differs`: it would stay, and is not. `dropped`: no projection knows it.
   * `not compared`: the log could not be folded to its end.
   */
  readonly state: 'kept' | 'differs' | 'rebuilt' | 'new' | 'dropped' | 'not compared';
  /** Rows that it will have. */
  readonly total: number;
  /** Columns that the table has now and will not have, and the other way round. */
  readonly columnsLost: readonly string[];
  readonly columnsNew: readonly string[];
}

/** What a check found; `ok` where nothing stands in the way of the deployment. */
export interface Checked extends Found {
  /** What was read: the log up to here. */
  readonly head: Head;
  readonly tables: readonly CheckedTable[];
  /** Rows that will change, come or go, of all tables. */
  readonly rowsToChange: number;
}

/** What stands in the way of a deployment; all else that is found is what `verify` is for. */
const inTheWay: ReadonlySet<Finding['code']> = new Set([
  'EVENT_UNREADABLE',
  'EVENT_DAMAGED',
  'REBUILD_STOPPED',
  'TABLE_NAME_TAKEN',
  'ROW_DIFFERS',
  'ROW_MISSING',
  'ROW_EXTRA',
]);

/**
 * Says what this version of the program would make of a log that another version has written to, before it is started there: decodes every stored event,
 * folds them all into read tables beside those that stand, and compares. A table that a start rebuilds changes by that, which is no fault; one that it
 * keeps must be what the log gives: else a function that its projection calls has changed and its revision has not. Only reads, as `verify` does,
 * beside a running server too. Throws where it cannot be checked: see {@link openLook}, `STORAGE_CORRUPT` and `STORAGE_FULL`.
 */
export async function checkPlace(application: Application, place: Place, { onProgress }: CheckOptions = {}): Promise<Checked> {
  let looked: Looked | undefined;
  let rebuild: ScratchRebuild | undefined;
  try {
    looked = await openLook(place);
    const { log } = looked;
    rebuild = new ScratchRebuild(application.projections);
    const findings = new Findings((code) => !inTheWay.has(code));
    const report = (finding: Parameters<Findings['add']>[0]) => findings.add(finding);
    const onEvents = (done: number, total: number) => onProgress?.({ step: 'events', done, total });
    await refold({ log, codec: codecOf(application), rebuild, report, onEvents });
    const tables = await new Foresight(looked, rebuild, findings, onProgress).tables(application.projections);
    const rowsToChange = tables.reduce((sum, { changed, added, removed }) => sum + changed + added + removed, 0);
    const { ok, ...found } = findings.found;
    return { ok, head: await log.head(), tables, rowsToChange, ...found };
  } catch (fault) {
    throw lookFault(place, fault);
  } finally {
    rebuild?.close();
    await looked?.log.close();
  }
}

/** No row changes. */
const unchanged = { ...new TableChanges().counts, columnsLost: [], columnsNew: [] };

/** Compares the read tables that stand with those that a start will leave. */
class Foresight {
  readonly #standing: StandingTables;
  readonly #rebuild: ScratchRebuild;
  readonly #findings: Findings;
  readonly #onProgress: CheckOptions['onProgress'];
  #done = 0;
  #total = 0;

  constructor({ tables }: Looked, rebuild: ScratchRebuild, findings: Findings, onProgress: CheckOptions['onProgress']) {
    this.#standing = tables;
    this.#rebuild = rebuild;
    this.#findings = findings;
    this.#onProgress = onProgress;
  }

  async tables(projections: readonly Projection[]): Promise<readonly CheckedTable[]> {
    const noted = await this.#standing.noted();
    this.#total = projections.reduce((sum, { table }) => sum + this.#rebuild.count(table), 0);
    const tables: CheckedTable[] = [];
    for (const one of projections) tables.push(await this.#foresee(one, noted.get(one.table.name)));
    const known = new Set(projections.map(({ table }) => table.name));
    for (const [name, { stands }] of noted) if (!known.has(name)) tables.push(await this.#dropped(name, stands));
    return tables;
  }

  async #dropped(name: string, stands: boolean): Promise<CheckedTable> {
    return { ...unchanged, name, state: 'dropped', total: 0, removed: stands ? await this.#standing.count(name) : 0 };
  }

  async #foresee({ table, source }: Projection, noted: NotedTable | undefined): Promise<CheckedTable> {
    const { name } = table;
    if (this.#rebuild.isStopped) return { ...unchanged, name, state: 'not compared', total: 0 };
    const total = this.#rebuild.count(table);
    const stored = await this.#standing.columns(name);
    if (!noted && stored.size > 0) this.#findings.add(nameTaken(name));
    if (!noted?.stands) return { ...unchanged, name, state: 'new', total, added: total };
    if (noted.hash !== tableHash(table, source)) return { name, state: 'rebuilt', total, ...(await this.#changes(table, stored)) };
    const before = this.#findings.errors;
    await this.#compare(table, (difference) => this.#findings.add(rowFinding(name, difference)));
    return { ...unchanged, name, state: this.#findings.errors === before ? 'kept' : 'differs', total };
  }

  /** What both have is compared; of rows that have another key than they had, every one goes and every one comes. */
  async #changes(table: Table, stored: ReadonlySet<string>): Promise<Omit<CheckedTable, 'name' | 'state' | 'total'>> {
    const columns = Object.keys(table.columns);
    const columnsLost = [...stored].filter((column) => !columns.includes(column));
    const columnsNew = columns.filter((column) => !stored.has(column));
    const changes = new TableChanges();
    if (!stored.has(table.key))
      return {
        ...changes.counts,
        added: this.#rebuild.count(table),
        removed: await this.#standing.count(table.name),
        columnsLost,
        columnsNew,
      };
    await this.#compare(onlyColumns(table, stored), (difference) => changes.add(difference));
    return { ...changes.counts, columnsLost, columnsNew };
  }

  #compare(table: Table, each: Parameters<typeof compareTable>[0]['each']): Promise<void> {
    const onKeys = (keys: number) => {
      this.#done += keys;
      this.#onProgress?.({ step: 'rows', done: Math.min(this.#done, this.#total), total: this.#total });
    };
    return compareTable({ tables: this.#standing, rebuild: this.#rebuild, table, each, onKeys });
  }
}

const nameTaken = (table: string) => ({
  code: 'TABLE_NAME_TAKEN' as const,
  message: `The read table ${table} could not be built: a table that is none of the read tables has its name.`,
  table,
});
