import type { Application } from '#application';
import { VarveError } from '#base';
import { codecOf } from '#command';
import type { Head, LogFinding, LogInspection } from '#eventstore';
import type { Projection } from '#projector';
import { type NotedTable, type RowDifference, tableHash } from '#readtable';
import { Findings, type Found, rowFinding } from './findings.ts';
import { type Looked, lookFault, openLook } from './looked.ts';
import type { Place, PlaceOptions } from './place.ts';
import { compareTable, refold } from './refold.ts';
import { ScratchRebuild } from './scratch.ts';

/** How far a verification is. */
export interface VerifyProgress {
  /** SQLite's own check, which does not say how far it is; then all events; then all rows. */
  readonly step: 'file' | 'events' | 'rows';
  readonly done: number;
  readonly total: number;
}

/** What may be set of {@link verifyPlace}. */
export interface VerifyOptions extends Pick<PlaceOptions, 'log'> {
  /** A head that was noted: the log must still begin with it. */
  readonly head?: Head | undefined;
  /** Read tables that another version of the program built are compared too, where they stand: what differs may be what the versions differ in. */
  readonly staleToo?: boolean;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

/** What became of a read table. */
export interface VerifiedTable {
  readonly name: string;
  /** Rows that the log gives. */
  readonly rows: number;
  readonly state: 'equal' | 'differs' | 'stale' | 'missing' | 'not compared';
}

/** What a verification found. */
export interface Verified extends Found {
  /** What was checked: the log up to here, and the read tables as they were then. */
  readonly head: Head;
  readonly tables: readonly VerifiedTable[];
}

/**
 * Checks all that is in a data folder, or of a log in a database: SQLite's own check of the file, positions, versions, the chain of hashes, every event's shape and tags,
 * receipts, and every read table against a rebuild from nothing. It only reads, and may do so while a server writes: it follows the log to where it is, and
 * holds that moment, of the log and of the read tables, only for what came last and for the comparing. Memory is bounded; the rebuild takes temporary
 * disk space, about what the read tables have.
 *
 * Throws where it cannot be checked: see {@link openLook}, and `STORAGE_FULL`.
 */
export async function verifyPlace(application: Application, place: Place, options: VerifyOptions = {}): Promise<Verified> {
  const findings = new Findings();
  let looked: Looked | undefined;
  try {
    looked = await openLook(place);
    return await new Verification(application, looked, findings, options).run();
  } catch (thrown) {
    const { code, message } = damageIn(lookFault(place, thrown));
    findings.add({ code, message });
    return resultOf(findings, { position: 0, hash: null }, []);
  } finally {
    await looked?.log.close();
  }
}

/** What SQLite's and our own words for damage are as a finding; throws all else. */
function damageIn(fault: unknown): { readonly code: 'FILE_DAMAGED'; readonly message: string } {
  if (!(fault instanceof VarveError && fault.code === 'STORAGE_CORRUPT')) throw fault;
  return { code: 'FILE_DAMAGED', message: fault.message };
}

function resultOf(findings: Findings, head: Head, tables: readonly VerifiedTable[]): Verified {
  const { ok, ...found } = findings.found;
  return { ok, head, tables, ...found };
}

class Verification {
  readonly #application: Application;
  readonly #looked: Looked;
  readonly #log: LogInspection;
  readonly #findings: Findings;
  readonly #options: VerifyOptions;
  readonly #tables = new Map<string, VerifiedTable>();

  constructor(application: Application, looked: Looked, findings: Findings, options: VerifyOptions) {
    this.#application = application;
    this.#looked = looked;
    this.#log = looked.log;
    this.#findings = findings;
    this.#options = options;
  }

  async run(): Promise<Verified> {
    const { projections } = this.#application;
    this.#tell('file', 0, 1);
    await this.#part(async () => this.#addAll(await this.#log.integrity()));
    const rebuilt = await this.#comparable(projections);
    const rebuild = new ScratchRebuild(rebuilt);
    try {
      const isWhole = await this.#part(() => this.#refold(rebuild));
      await this.#log.hold();
      const head = await this.#log.head();
      await this.#part(() => this.#addAll(this.#log.strays()));
      await this.#compareHead(head);
      await this.#part(() => this.#addAhead(head.position));
      await this.#noteTables(projections);
      // What another process has rebuilt meanwhile is another table.
      await this.#compareAll(await this.#comparable(rebuilt), isWhole ? rebuild : undefined);
      return resultOf(this.#findings, head, [...this.#tables.values()]);
    } finally {
      rebuild.close();
    }
  }

  /** Runs one part. What SQLite cannot read ends it, and no other; false then. */
  async #part(work: () => void | Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (fault) {
      this.#findings.add(damageIn(lookFault(this.#looked.place, fault)));
      return false;
    }
  }

  async #addAll(found: Iterable<LogFinding> | AsyncIterable<LogFinding>): Promise<void> {
    for await (const one of found) this.#findings.add(one);
  }

  /** The projections whose tables stand, and were built by them. */
  async #comparable(projections: readonly Projection[]): Promise<readonly Projection[]> {
    const noted = await this.#looked.tables.noted();
    const { staleToo = false } = this.#options;
    return projections.filter((one) => noted.get(one.table.name)?.stands && (staleToo || stateOf(one, noted) !== 'stale'));
  }

  /** Says of each table what it is, before it is compared. */
  async #noteTables(projections: readonly Projection[]): Promise<void> {
    const noted = await this.#looked.tables.noted();
    for (const one of projections) {
      const [table, state] = [one.table.name, stateOf(one, noted)];
      this.#tables.set(table, { name: table, rows: 0, state });
      const stale = `The read table ${table} was not built by this version of the program: a start rebuilds it.`;
      if (state === 'stale') this.#findings.add({ code: 'TABLE_STALE', message: stale, table });
      const missing = `The rows of the read table ${table} are not there: a start rebuilds it.`;
      if (state === 'missing') this.#findings.add({ code: 'TABLE_MISSING', message: missing, table });
    }
  }

  #refold(rebuild: ScratchRebuild): Promise<void> {
    const report = (finding: Parameters<Findings['add']>[0]) => this.#findings.add(finding);
    const onEvents = (done: number, total: number) => this.#tell('events', done, total);
    return refold({ log: this.#log, codec: codecOf(this.#application), rebuild, report, onEvents });
  }

  async #compareHead({ position: last }: Head): Promise<void> {
    const { position = 0, hash = null } = this.#options.head ?? {};
    const found = position === 0 ? null : await this.#log.hashAt(position);
    if (found === hash) return;
    const [code, why] =
      found === undefined
        ? (['HEAD_LOST', `the log ends at position ${last}: its tail is lost, or an older copy was put in its place`] as const)
        : (['HEAD_DIFFERS', `the event there has the hash ${found ?? '(none)'}: it is another history`] as const);
    this.#findings.add({ code, message: `The log does not begin with what was noted at position ${position}: ${why}.`, position });
  }

  async #addAhead(last: Head['position']): Promise<void> {
    for (const { table, position, what } of await this.#looked.tables.ahead(last)) {
      const message = `The read table ${table} ${what} position ${position}, but the log ends at ${last}.`;
      this.#findings.add({ code: 'TABLE_AHEAD', message, table, position });
    }
  }

  async #compareAll(projections: readonly Projection[], rebuild: ScratchRebuild | undefined): Promise<void> {
    if (!rebuild || rebuild.isStopped) return;
    const rows = new Map(projections.map(({ table }) => [table.name, rebuild.count(table)]));
    const total = [...rows.values()].reduce((sum, one) => sum + one, 0);
    let done = 0;
    for (const { table } of projections) {
      const before = this.#findings.errors;
      const each = (difference: RowDifference) => this.#findings.add(rowFinding(table.name, difference));
      const onKeys = (keys: number) => {
        done += keys;
        this.#tell('rows', Math.min(done, total), total);
      };
      await this.#part(() => compareTable({ tables: this.#looked.tables, rebuild, table, each, onKeys }));
      const state = this.#findings.errors === before ? 'equal' : 'differs';
      this.#tables.set(table.name, { name: table.name, rows: rows.get(table.name) ?? 0, state });
    }
  }

  #tell(step: VerifyProgress['step'], done: number, total: number): void {
    this.#options.onProgress?.({ step, done, total });
  }
}

function stateOf({ table, source }: Projection, tables: ReadonlyMap<string, NotedTable>): VerifiedTable['state'] {
  const noted = tables.get(table.name);
  if (noted?.hash !== tableHash(table, source)) return 'stale';
  return noted.stands ? 'not compared' : 'missing';
}
