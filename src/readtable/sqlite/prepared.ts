import type { Database, Statement } from 'better-sqlite3';
import { Bound } from '../sql/bound.ts';
import type { Bindings } from '../sql/conditions.ts';
import type { Query } from '../sql/dialect.ts';

/** A query of drizzle's builder, built once, and run without the builder: values by position in, values by position out. */
export class Prepared {
  readonly #statement: Statement<[readonly unknown[]], readonly unknown[]>;
  readonly #bound: Bound;

  constructor(db: Database, query: Query) {
    this.#bound = new Bound(query);
    this.#statement = db.prepare<[readonly unknown[]], readonly unknown[]>(this.#bound.text).raw();
  }

  all(bindings: Bindings): readonly (readonly unknown[])[] {
    return this.#statement.all(this.#bound.values(bindings));
  }

  get(bindings: Bindings): readonly unknown[] | undefined {
    return this.#statement.get(this.#bound.values(bindings));
  }
}
