import { type SqlReads, VarveError } from '#base';

/**
 * Sees that another process has made the rows of read tables anew: see `noteRebuilt`; and that another program's read tables are in force: this one must not write
 * them, nor leave out those that it does not know.
 */
export class RebuiltTables {
  readonly #hashes: ReadonlyMap<string, string> | undefined;
  #rebuilds: ReadonlyMap<string, number> | undefined;

  constructor(hashes: ReadonlyMap<string, string> | undefined) {
    this.#hashes = hashes;
  }

  /** Names of tables that were made anew since this was asked last; the first time, none. Throws `SUPERSEDED`. */
  async since(reads: SqlReads): Promise<readonly string[]> {
    const states = await reads.read<readonly [name: string, hash: string, rebuilds: number]>(
      `SELECT name, hash, rebuilds FROM ${reads.schema}.read_tables`,
    );
    if (this.#hashes) assertOwn(this.#hashes, new Map(states.map(([name, hash]) => [name, hash])));
    const before = this.#rebuilds;
    this.#rebuilds = new Map(states.map(([name, , rebuilds]) => [name, rebuilds]));
    return before ? states.flatMap(([name, , rebuilds]) => (before.get(name) === rebuilds ? [] : [name])) : [];
  }
}

function assertOwn(own: ReadonlyMap<string, string>, standing: ReadonlyMap<string, string>): void {
  for (const name of [...own.keys(), ...standing.keys()]) if (standing.get(name) !== own.get(name)) throw superseded(name);
}

/** Another program's read tables are in force. */
export const superseded = (name: string) =>
  new VarveError({
    code: 'SUPERSEDED',
    message: `The read table ${name} was made or dropped by another version of the program.`,
    hint: 'Send it again: a process of that version takes it. This one ends.',
    retryable: true,
  });
