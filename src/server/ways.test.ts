import { afterAll, describe, expect, it } from 'vitest';
import { hostile } from './hostile.fixture.ts';
import { post, startTestServer } from './server.fixture.ts';

const bodies: Readonly<Record<string, unknown>> = {
  'a query': { query: '{ hello }' },
  'a mutation': { query: 'mutation { hello }' },
  'one of several operations': { query: 'query A { hello } query B { again: hello }', operationName: 'B' },
  'none of several operations': { query: 'query A { hello } query B { hello }' },
  'an operation that is not there': { query: 'query A { hello }', operationName: 'C' },
  introspection: { query: '{ __schema { queryType { name fields { name args { name type { name } } } } } }' },
  'a field that fails': { query: '{ hello broken }' },
  'an unknown field': { query: '{ nothing }' },
  'no GraphQL': { query: '{' },
  'a variable of another type': { query: 'query($x: Int) { item(x: $x) { name } }', variables: { x: 'x' } },
  'a variable that is missing': { query: 'query($x: Int!) { item(x: $x) { name } }' },
  'a variable': { query: 'query($x: Int) { item(x: $x) { name } }', variables: { x: 1 } },
  extensions: { query: '{ hello }', extensions: { any: 1 } },
  'a subscription': { query: 'subscription { tick { position } }' },
  'no text': { query: 1 },
  'no JSON': '{',
  'a batch': [{ query: '{ hello }' }],
};
const accepts = [
  'application/json',
  'application/graphql-response+json',
  '*/*',
  'text/event-stream',
  'application/json, text/event-stream',
];

// Each way beside the one that does least by itself: Yoga's handling of requests, graphql-js's execution.
const ways = [{}, { shortWay: false }, { compiled: false }];

describe.each(ways)('what goes the way %j is answered as by the whole one, plainly executed', async (options) => {
  const [short, whole] = [await startTestServer(options), await startTestServer({ shortWay: false, compiled: false })];
  afterAll(() => Promise.all([short.close(), whole.close()]));
  const answerOf = async (endpoint: string, body: unknown, headers: Record<string, string>) => {
    const response = await post(endpoint, body, headers);
    const { date: _, ...said } = Object.fromEntries(response.headers);
    // A fault of our own is told by an id that is new each time.
    const text = (await response.text()).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
    return { status: response.status, headers: said, text };
  };
  const same = async (body: unknown, headers: Record<string, string>) => {
    const answer = await answerOf(short.endpoint, body, headers);
    expect(answer).toEqual(await answerOf(whole.endpoint, body, headers));
    return answer;
  };

  describe.each(accepts)('as %j', (accept) => {
    const isStream = (name: string) => name === 'a subscription' && /event|\*/.test(accept);
    it.each(Object.entries(bodies).filter(([name]) => !isStream(name)))('%s', async (_, body) => {
      expect((await same(body, { accept })).text).not.toBe('');
    });
  });

  it.each(Object.entries(hostile))('%s', async (_, [query]) => {
    await same({ query }, { accept: 'application/json' });
  });

  it.each(['5', '7', '8', 'x', ''])('at least at position %j', async (position) => {
    await same({ query: '{ hello }' }, { accept: 'application/json', 'varve-at-least': position });
  });

  it('and has its whole context built and released each time', async () => {
    await answerOf(short.endpoint, { query: '{ hello }' }, {});
    expect(short.seen.contexts).toBeGreaterThan(0);
    expect(short.seen.released.toSorted((a, b) => a - b)).toEqual(Array.from({ length: short.seen.contexts }, (_, i) => i + 1));
  });
});
