import { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { expect, test } from 'vitest';
import { Both } from './both.fixture.ts';

const picky = new GraphQLScalarType({
  name: 'Picky',
  serialize: (value) => {
    if (value === 'refused') throw new Error('not this one');
    return value === 'nothing' ? undefined : value;
  },
});
const thing = new GraphQLObjectType({
  name: 'Thing',
  fields: {
    text: { type: GraphQLString },
    sure: { type: new GraphQLNonNull(GraphQLString) },
    number: { type: GraphQLInt },
    picky: { type: picky },
  },
});

/** Biome takes an object with such a property for a slip. */
const thenable = (then: unknown) => Object.fromEntries([['then', then]]);

/** What an object may have by the name of a field for which no resolver was written. */
const values: Readonly<Record<string, unknown>> = {
  text: 'text',
  number: 7,
  float: 7.5,
  null: null,
  undefined: undefined,
  error: new Error('a value'),
  refused: 'refused',
  nothing: 'nothing',
  object: { deep: true },
  date: new Date(0),
  function: (args: object, context: unknown, info: { fieldName: string }) => `${info.fieldName} ${Object.keys(args)} ${context}`,
  failing: () => {
    throw new Error('called');
  },
  promising: async () => 'later',
  promise: Promise.resolve('later'),
  thenable: thenable((take: (value: string) => void) => take('taken')),
};
const sources: readonly unknown[] = [
  ...Object.values(values).map((value) => ({ text: value, sure: value, number: value, picky: value })),
  Object.create({ text: 'inherited' }),
  {
    get text(): string {
      throw new Error('read');
    },
    get sure() {
      return Promise.reject(new Error('read'));
    },
  },
  { text: thenable(1) },
  Object.assign(() => 'a function', { text: 'of a function' }),
  'a text',
];

test.each(sources.map((source, index) => [index, source]))(
  'a field without a resolver is read as graphql-js reads it (%i)',
  async (_, source) => {
    const query = new GraphQLObjectType({ name: 'Query', fields: { thing: { type: thing, resolve: () => source } } });
    const schema = new GraphQLSchema({ query });
    const both = new Both(schema);
    for (const fields of ['text number picky', 'sure', 'text sure', 'a: sure b: sure'])
      expect(await both.execute(() => ({ schema, document: parse(`{ thing { ${fields} } }`), contextValue: 'context' }))).toContain(
        '"data"',
      );
  },
);
