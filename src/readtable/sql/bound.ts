import { assert } from '#base';
import type { Bindings } from './conditions.ts';
import type { Binding, Query } from './dialect.ts';
import { is, Placeholder } from './drizzle.ts';

/** A query's text, and the names of its values in their order. */
export class Bound {
  readonly text: string;
  readonly #names: readonly string[];

  constructor(query: Query) {
    const { sql, params } = query.toSQL();
    this.text = sql;
    this.#names = params.map(nameOf);
  }

  /** Its values, by position. */
  values(bindings: Bindings): readonly Binding[] {
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
