import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { getOperationAST, Kind, parse, validate, validateSubscriptionArgs } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RowMessage } from '#livestream';
import type { Snapshots } from '#readtable';
import { Reads, type SchemaContext } from '#schema';
import { shop } from '#shop';
import { Playroom } from '../../schema/context.fixture.ts';
import { Both } from './both.fixture.ts';
import { documentOf } from './documents.fixture.ts';

const room = new Playroom(shop);
const both = new Both(room.schema);

/** Keys are digits, as documents made at random name them. */
beforeAll(async () => {
  const accepted = async (command: string, input: string) => {
    const { data } = await room.run(`mutation { ${command}(input: ${input}) { __typename } }`);
    expect(JSON.stringify(data)).toContain('Accepted');
  };
  for (const id of '12345') await accepted('registerUser', `{ userId: "${id}", username: "User ${id}", country: "France" }`);
  for (const id of '12345') await accepted('addProduct', `{ sku: "${id}", name: "Product ${id}", price: "${id}.50", stock: 1000 }`);
  for (const id of '12345678') {
    const lines = '[{ sku: "1", quantity: 2 }, { sku: "3", quantity: 1 }]';
    await accepted('placeOrder', `{ orderId: "${id}", userId: "${(Number(id) % 5) + 1}", lines: ${lines} }`);
  }
  await accepted('payOrder', '{ orderId: "8", paymentReference: "card" }');
});

/** What takes effect does so once, however often it is executed: the outcome is what all of them answer. */
function context(snapshots: Snapshots): SchemaContext {
  const made = room.context(new Reads(snapshots));
  const send: SchemaContext['send'] = (command, input, options) => {
    const name = JSON.stringify([command.name, input, options]);
    const outcome = outcomes.get(name) ?? made.send(command, input, options);
    outcomes.set(name, outcome);
    return outcome;
  };
  return { ...made, send };
}
const outcomes = new Map<string, ReturnType<SchemaContext['send']>>();

/** By graphql-js, on whole rows; then twice by what is compiled, on rows of which no more is read than is asked for. */
function executed(document: string, variables: Readonly<Record<string, unknown>>, operationName?: string) {
  const ways = [room.engine.snapshots, room.snapshots, room.snapshots];
  return both.execute(() => ({
    schema: room.schema,
    document: parsed(document),
    operationName,
    variableValues: variables,
    contextValue: context(ways.shift() ?? room.snapshots),
  }));
}

const known = new Map<string, ReturnType<typeof parse>>();
function parsed(document: string): ReturnType<typeof parse> {
  const made = known.get(document) ?? parse(document);
  known.set(document, made);
  return made;
}

const folder = new URL('../../../schema/operations/', import.meta.url);
const kept = readdirSync(folder)
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');
const operations = parse(kept).definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION && one.name ? [one.name.value] : []));
const allIds = { orderId: '1', sku: '1', userId: '1', id: 'T3JkZXI6MQ==', ids: ['T3JkZXI6MQ==', 'VXNlcjox', '?'] };
const variables = [allIds, { ...allIds, first: 2, filter: { status: ['PAID'] }, search: 'product', types: [] }, { orderId: 7 }, {}];

const line = { sku: '1', quantity: 1 };
const inputs: Readonly<Record<string, unknown>> = {
  RegisterUser: { userId: '9', username: 'Nina', email: 'nina@example.com' },
  ChangeUsername: { userId: '2', username: 'Two' },
  AddProduct: { sku: '9', name: 'Nine', price: '9.99', stock: 9 },
  RestockProduct: { sku: '2', quantity: 5 },
  PlaceOrder: { orderId: '9', userId: '1', lines: [line, { ...line, sku: '4' }], placedAt: '2011-01-02T00:00:00Z' },
  PayOrder: { orderId: '2', paymentReference: 'card' },
  CancelOrder: { orderId: '3', reason: 'no' },
  ShipOrder: { orderId: '2' },
};

describe('the operations that are kept with the schema', () => {
  const of = (type: string) => operations.filter((name) => getOperationAST(parsed(kept), name)?.operation === type);

  test.each(of('query'))('%s', async (name) => {
    for (const sent of variables) expect(await executed(kept, sent, name)).toContain('"');
  });

  test.each(of('mutation'))('%s', async (name) => {
    const said = await Promise.all(
      [{ input: inputs[name] }, { input: {} }, {}].map((sent) => executed(kept, { ...allIds, ...sent }, name)),
    );
    expect(said[0]).toContain('Accepted');
    expect(said.at(-1)).toContain(inputs[name] ? '"errors"' : '"data"');
  });

  test.each(of('subscription'))('%s', async (name) => {
    const contextValue = room.context(new Reads(room.engine.snapshots));
    contextValue.reads.readBriefly();
    const validated = validateSubscriptionArgs({
      schema: room.schema,
      document: parsed(kept),
      operationName: name,
      variableValues: allIds,
      contextValue,
    });
    if (!('schema' in validated)) throw validated[0];
    for (const message of await messages()) expect(await both.executeMessage({ ...validated, rootValue: message })).toContain('"data"');
  });
});

async function messages(): Promise<readonly RowMessage[]> {
  const { rows } = room.context(new Reads(room.engine.snapshots)).live;
  const table = shop.exposures.find(({ spec }) => spec.type === 'Order')?.projection.table;
  if (!table) throw new Error('The shop shows no orders.');
  const { deliveries } = await (await rows({ table, conditions: [] }, { snapshotRowsMax: 10 })).feed.begin(10);
  return deliveries.map(({ message }) => message);
}

test('documents made at random, on real rows', async () => {
  let valid = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(1_000), { minLength: 20, maxLength: 120 }), async (numbers) => {
      const { document, variables: sent } = documentOf(room.schema, 'query', numbers);
      fc.pre(validate(room.schema, parsed(document)).length === 0);
      valid += 1;
      await executed(document, sent);
    }),
    { numRuns: 150, seed: 17, maxSkipsPerRun: 1_000 },
  );
  expect(valid).toBe(150);
});
