import type { Database, Statement } from 'better-sqlite3';

/** Sees that another process has made the rows of read tables anew: see `noteRebuilt`. Asked again and again, it costs next to nothing. */
export class RebuiltTables {
  readonly #statements = new WeakMap<Database, ReturnType<typeof statementsOn>>();
  readonly #rebuilds = new Map<string, number>();
  /** Of which connection, and which number SQLite gave its file then: another one where another connection has written since. */
  #seen: { readonly db: Database; readonly version: number } | undefined;

  /** Names of tables that were made anew since this was asked last; the first time, none. */
  since(db: Database): readonly string[] {
    const statements = this.#on(db);
    const version = statements.dataVersion.get() ?? 0;
    if (this.#seen?.db === db && this.#seen.version === version) return [];
    const isFirst = this.#seen === undefined;
    this.#seen = { db, version };
    const names: string[] = [];
    for (const [name, rebuilds] of statements.rebuilds.all()) {
      if (!isFirst && this.#rebuilds.get(name) !== rebuilds) names.push(name);
      this.#rebuilds.set(name, rebuilds);
    }
    return names;
  }

  #on(db: Database) {
    const known = this.#statements.get(db) ?? statementsOn(db);
    this.#statements.set(db, known);
    return known;
  }
}

const statementsOn = (db: Database) => ({
  dataVersion: db.prepare<[], number>('PRAGMA data_version').pluck(),
  rebuilds: db.prepare('SELECT name, rebuilds FROM read_tables').raw() as Statement<[], readonly [string, number]>,
});
