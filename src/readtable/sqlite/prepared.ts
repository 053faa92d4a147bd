import type { Database, Statement } from 'better-sqlite3';
import { assert } from '#base';
import type { Stored } from '../encoding.ts';
import { is, Placeholder } from './drizzle.ts';

/** A query as drizzle's builder leaves it, its values placeholders. */
export interface Query {
  toSQL(): { readonly sql: string; readonly params: readonly unknown[] };
}

/** A value for each of a query's placeholders, by name; others are left aside. */
export type Bindings = Readonly<Record<string, Stored>>;

/** A query of drizzle's builder, built once, and run without the builder: values by position in, values by position out. */
export class Prepared {
  readonly #statement: Statement<[readonly Stored[]], readonly unknown[]>;
  readonly #names: readonly string[];

  constructor(db: Database, query: Query) {
    const { sql, params } = query.toSQL();
    this.#statement = db.prepare<[readonly Stored[]], readonly unknown[]>(sql).raw();
    this.#names = params.map(nameOf);
  }

  all(bindings: Bindings): readonly (readonly unknown[])[] {
    return this.#statement.all(this.#values(bindings));
  }

  get(bindings: Bindings): readonly unknown[] | undefined {
    return this.#statement.get(this.#values(bindings));
  }

  #values(bindings: Bindings): readonly Stored[] {
    return this.#names.map((name) => {
      const value = bindings[name];
      assert(value !== undefined, `The query was given no value for ${name}.`);
      return value;
    });
  }
}

function nameOf(param: unknown): string {
  assert(
    is(param, Placeholder),
    'A prepared query has a fixed value: it would be prepared anew for each.',
    'Make the value a placeholder.',
  );
  return param.name;
}
