import { VarveError } from '#base';
import type { Recorded } from '#event';
import { type Projection, projector } from '#projector';
import { openScratchTables, sqliteRows, type Table } from '#readtable';
import type { TableFinding } from './findings.ts';

/** A rebuild beside everything: of read tables, from nothing, into a database of its own that goes with it. */
export class ScratchRebuild {
  readonly db;
  readonly #projector;
  #work;
  /** True where an event could not be folded: the rows say nothing. */
  isStopped = false;

  constructor(projections: readonly Projection[]) {
    this.db = openScratchTables(projections.map(({ table }) => table));
    this.#projector = projector(projections, sqliteRows());
    this.#work = this.#projector.begin(this.db);
  }

  /** The log's next event; undefined where it cannot be read. Answers what stopped the rebuild, where it did. */
  async fold(event: Recorded | undefined): Promise<TableFinding | undefined> {
    if (this.isStopped) return undefined;
    if (!event) {
      this.isStopped = true;
      return undefined;
    }
    try {
      await this.#work.project([event]);
      this.#work.keep();
      return undefined;
    } catch (fault) {
      if (!(fault instanceof VarveError)) throw fault;
      this.isStopped = true;
      const { position, type } = event;
      const message = `A projection fails on the event at position ${position}, ${type}: ${fault.message}`;
      return { code: 'REBUILD_STOPPED', message, position };
    }
  }

  /** Writes what was folded: now and then, so that memory is bounded. */
  async flush(): Promise<void> {
    if (this.isStopped) return;
    await this.#work.flush();
    this.#work = this.#projector.begin(this.db);
  }

  /** How many rows the log gives a table. */
  count({ name }: Pick<Table, 'name'>): number {
    return this.db.prepare<[], number>(`SELECT count(*) FROM "${name}"`).pluck().get() ?? 0;
  }

  close(): void {
    this.db.close();
  }
}
