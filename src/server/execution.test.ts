import { tracingChannel } from 'node:diagnostics_channel';
import {
  type ExecutionArgs,
  execute,
  GraphQLDeferDirective,
  GraphQLInt,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLStreamDirective,
  GraphQLString,
  parse,
  specifiedDirectives,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { limits } from '#base';
import { compile } from './compiled/operations.ts';
import { compiledExecution, plainExecution } from './execution.ts';
import { hostile } from './hostile.fixture.ts';

const signals: (AbortSignal | undefined)[] = [];
const item: GraphQLObjectType = new GraphQLObjectType({
  name: 'Item',
  fields: () => ({
    name: { type: GraphQLString, resolve: () => 'name' },
    again: { type: item, resolve: () => ({}) },
    items: { type: new GraphQLList(item), args: { first: { type: GraphQLInt } }, resolve: () => [{}] },
  }),
});
const query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    item: { type: item, resolve: () => ({}) },
    items: { type: new GraphQLList(item), resolve: () => [{}] },
    hello: { type: GraphQLString, args: { to: { type: GraphQLString, defaultValue: 'all' } }, resolve: (_, { to }) => `hello ${to}` },
    changed: {
      type: GraphQLString,
      args: { list: { type: new GraphQLList(GraphQLInt) } },
      // A resolver may do with its arguments as it likes.
      resolve: (_, args) => JSON.stringify(args) + args.list.push(7) + Object.keys(Object.assign(args, { more: true })).join(),
    },
    signal: { type: GraphQLString, resolve: (_, __, ___, info) => String(signals.push(info.getAbortSignal())) },
    info: { type: GraphQLString, resolve: (...given) => Object.keys(given[3]).join() },
  },
});
const schema = new GraphQLSchema({ query });
const { execute: executeCompiled } = compiledExecution(schema);
const argsOf = (document: string, variableValues = {}): ExecutionArgs => ({ schema, document: parse(document), variableValues });

/** Executed again and again: what is kept must not change. */
const thrice = async (args: ExecutionArgs) => {
  const plain = JSON.stringify(await execute(args));
  for (let time = 0; time < 3; time += 1) expect(JSON.stringify(await executeCompiled(args))).toBe(plain);
  return plain;
};

describe('an operation that is executed again', () => {
  test('has its arguments anew', async () => {
    expect(await thrice(argsOf('{ changed(list: [1, 2]) again: changed(list: 3) }'))).toContain('[1,2]');
    await thrice(argsOf('query($l: [Int], $one: Int) { changed(list: $l) again: changed(list: [$one]) }', { l: [1], one: 2 }));
  });

  test('has the fields that its variables ask for, each choice of them a plan', async () => {
    const document = parse(
      'query($a: Boolean!, $b: Boolean!) { hello @skip(if: $a) ...F @include(if: $b) item { name } } fragment F on Query { item { again { name } } }',
    );
    for (const a of [true, false, true]) for (const b of [true, false]) await thrice({ schema, document, variableValues: { a, b } });
    await thrice({ schema, document, variableValues: { a: true } });
  });

  test('has its defaults where a variable is not given, and its null where it is null', async () => {
    const document = parse('query($to: String) { hello(to: $to) }');
    expect(await thrice({ schema, document, variableValues: {} })).toContain('hello all');
    expect(await thrice({ schema, document, variableValues: { to: null } })).toContain('hello null');
    expect(await thrice({ schema, document, variableValues: { to: 'you' } })).toContain('hello you');
  });
});

test('resolvers are told all that graphql-js tells them', () => thrice(argsOf('{ info }')));

test('a signal that was asked for is aborted when the answer is complete', async () => {
  signals.length = 0;
  await executeCompiled(argsOf('{ signal }'));
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
});

describe('graphql-js executes', () => {
  test.each([
    ['an operation that is not there', 'query A { hello }', 'B'],
    ['none of several operations', 'query A { hello } query B { hello }', undefined],
    ['a directive of the whole operation', 'query @experimental_disableErrorPropagation { hello }', undefined],
    ['what is deferred', '{ ... @defer { hello } }', undefined],
    ['a list that is streamed', '{ items @stream { name } }', undefined],
    ['a root that the schema does not have', 'mutation { hello }', undefined],
  ])('%s', (_, document, name) => expect(compile(schema, parse(document), name)).toBeUndefined());

  test('more choices of fields than have plans', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `v${index}`);
    const selected = names.map((name) => `${name}: hello @include(if: $${name})`).join(' ');
    const document = parse(`query(${names.map((name) => `$${name}: Boolean!`).join(' ')}) { ${selected} }`);
    const operation = compile(schema, document, undefined);
    const planOf = (n: number) => {
      const coerced = Object.fromEntries(names.map((name, index) => [name, (n >> index) % 2 === 1]));
      return operation?.planFor({ sources: {}, coerced });
    };
    const plans = Array.from({ length: 32 }, (_, n) => planOf(n));
    expect(plans.filter(Boolean)).toHaveLength(limits.documentPlansMax);
    for (let n = 0; n < 32; n += 1)
      await thrice({ schema, document, variableValues: Object.fromEntries(names.map((name, index) => [name, (n >> index) % 2 === 1])) });
  });

  test('all operations of a schema that has @defer or @stream', () => {
    for (const directive of [GraphQLDeferDirective, GraphQLStreamDirective]) {
      const directives = [...specifiedDirectives, directive];
      expect(compiledExecution(new GraphQLSchema({ query, directives }))).toBe(plainExecution);
    }
  });

  test('while somebody listens to its channels', async () => {
    const seen: string[] = [];
    const start = (message: unknown) => seen.push(String((message as { fieldName: string }).fieldName));
    const channel = tracingChannel('graphql:resolve');
    channel.start.subscribe(start);
    await executeCompiled(argsOf('{ hello }'));
    channel.start.unsubscribe(start);
    await executeCompiled(argsOf('{ hello }'));
    expect(seen).toEqual(['hello']);
  });
});

describe('a document made to hurt is compiled and executed within 50 ms', () => {
  test.each(Object.entries(hostile))('%s', async (_, [document]) => {
    const parsed = parsedOrNot(document);
    if (!parsed) return;
    const plain = JSON.stringify(await execute({ schema, document: parsed }));
    // The least of some: others use the machine too.
    let leastMs = Number.POSITIVE_INFINITY;
    for (let time = 0; time < 5; time += 1) {
      const fresh = compiledExecution(schema);
      const begun = performance.now();
      const result = await fresh.execute({ schema, document: parsed });
      leastMs = Math.min(leastMs, performance.now() - begun);
      expect(JSON.stringify(result)).toBe(plain);
    }
    expect(leastMs).toBeLessThan(50);
  });
});

function parsedOrNot(document: string) {
  try {
    return parse(document);
  } catch {
    return undefined; // Refused long before it would be executed.
  }
}
