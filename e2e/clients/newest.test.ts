import { gql } from '@apollo/client';
import fc from 'fast-check';
import { fetchQuery } from 'relay-runtime';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { newestCache } from '../../docs/examples/clients/apollo.ts';
import { relayEnvironment } from '../../docs/examples/clients/relay.ts';
import { urqlClient } from '../../docs/examples/clients/urql.ts';
import shopOrderQuery, { type shopOrderQuery as OrderQuery } from '../generated/relay/shopOrderQuery.graphql.ts';

/** An order as it stood at a position: each field tells which. */
const orderAt = (position: number) => ({
  __typename: 'Order',
  id: 'the-order',
  orderId: 'order',
  status: `status ${position}`,
  username: `user ${position}`,
  version: position,
  // Longer at even positions.
  lines: Array.from({ length: 1 + (position % 2) }, (_, i) => ({ __typename: 'OrderLine', sku: `${i}`, quantity: position })),
});
type Name = keyof ReturnType<typeof orderAt>;

const words: Readonly<Record<string, string>> = { lines: 'lines { __typename sku quantity }' };
const documentOf = (names: readonly Name[]) =>
  `query { order(orderId: "order") { __typename id ${names.map((n) => words[n] ?? n).join(' ')} } }`;
const dataAt = (position: number, names: readonly Name[]) => {
  const order = orderAt(position);
  return { order: Object.fromEntries((['__typename', 'id', ...names] as const).map((name) => [name, order[name]])) };
};

/** Answers in the order in which they arrive: where each was read, and what it tells. */
const some = fc.subarray<Name>(['status', 'username', 'version', 'lines'], { minLength: 1 });
const arrivals = fc.array(fc.record({ position: fc.integer({ min: 1, max: 9 }), names: some }), { minLength: 1, maxLength: 8 });
/** What is known of a field when all have arrived: the value of the highest position that told it. */
const newestOf = (answers: readonly { readonly position: number; readonly names: readonly Name[] }[], name: Name) =>
  orderAt(Math.max(...answers.filter(({ names }) => names.includes(name)).map(({ position }) => position)))[name];

const none = { subscribe: () => () => {} };
/** Answers each request by the next of a list. */
function answerBy(answers: readonly { readonly position: number; readonly data: unknown }[]): void {
  const left = [...answers];
  vi.stubGlobal('fetch', async () => {
    const { position, data } = left.shift() ?? {};
    return new Response(JSON.stringify({ data, extensions: { position: String(position) } }), {
      headers: { 'content-type': 'application/json' },
    });
  });
}

describe('in whatever order answers arrive, what is known of a field is its newest value', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('by Apollo Client', () => {
    fc.assert(
      fc.property(arrivals, (answers) => {
        const cache = newestCache({ Node: ['Order'] });
        for (const { position, names } of answers)
          cache.writeQuery({ query: gql(documentOf(names)), data: dataAt(position, names), extensions: { position: String(position) } });
        for (const name of new Set(answers.flatMap(({ names }) => names)))
          expect(cache.readQuery({ query: gql(documentOf([name])) })).toEqual({
            order: expect.objectContaining({ [name]: newestOf(answers, name) }),
          });
      }),
      { seed: 1 },
    );
  });

  test('by urql', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async (answers) => {
        answerBy(answers.map(({ position, names }) => ({ position, data: dataAt(position, names) })));
        const client = urqlClient('http://127.0.0.1/graphql', none);
        for (const [i, { names }] of answers.entries()) {
          const { data } = await client.query(documentOf(names), {}, { requestPolicy: 'network-only' });
          const arrived = answers.slice(0, i + 1);
          expect(data.order).toMatchObject(Object.fromEntries(names.map((name) => [name, newestOf(arrived, name)])));
        }
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('by Relay', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), async (positions) => {
        answerBy(positions.map((position) => ({ position, data: { order: orderAt(position) } })));
        const environment = relayEnvironment('http://127.0.0.1/graphql', none);
        for (const i of positions.keys()) {
          const data = await fetchQuery<OrderQuery>(environment, shopOrderQuery, { orderId: 'order' }).toPromise();
          const { __typename, lines, ...order } = orderAt(Math.max(...positions.slice(0, i + 1)));
          expect(data?.order).toEqual({ ...order, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) });
        }
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});
