import { type SqlReads, VarveError } from '#base';

/** Sees that another process has made the rows of read tables anew: see `noteRebuilt`; and that a newer program has, whose tables this one must not write. */
export class RebuiltTables {
  readonly #hashes: ReadonlyMap<string, string>;
  #rebuilds: ReadonlyMap<string, number> | undefined;

  constructor(hashes: ReadonlyMap<string, string> = new Map()) {
    this.#hashes = hashes;
  }

  /** Names of tables that were made anew since this was asked last; the first time, none. Throws `SUPERSEDED`. */
  async since(reads: SqlReads): Promise<readonly string[]> {
    const states = await reads.read<readonly [name: string, hash: string, rebuilds: number]>(
      `SELECT name, hash, rebuilds FROM ${reads.schema}.read_tables`,
    );
    const stands = new Map(states.map(([name, hash]) => [name, hash]));
    for (const [name, hash] of this.#hashes) if (stands.get(name) !== hash) throw superseded(name);
    const before = this.#rebuilds;
    this.#rebuilds = new Map(states.map(([name, , rebuilds]) => [name, rebuilds]));
    return before ? states.flatMap(([name, , rebuilds]) => (before.get(name) === rebuilds ? [] : [name])) : [];
  }
}

const superseded = (name: string) =>
  new VarveError({
    code: 'SUPERSEDED',
    message: `The read table ${name} was made anew by another version of the program.`,
    hint: 'Send it again: a process of that version takes it. End this one.',
    retryable: true,
  });
