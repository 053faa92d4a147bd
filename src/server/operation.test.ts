import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, post, startTestServer } from './server.fixture.ts';

describe('an operation', async () => {
  const server = await startTestServer();
  const { seen, endpoint } = server;
  afterAll(() => server.close());
  beforeEach(() => {
    seen.contexts = 0;
    seen.released.length = 0;
    seen.logs.length = 0;
  });

  it('has the context that was built for it, and gives it back', async () => {
    const { data } = await (await post(endpoint, { query: '{ host }' })).json();
    expect(data.host).toBe(new URL(endpoint).host);
    await post(endpoint, { query: '{ crash }' });
    await post(endpoint, { query: 'query ($a: Int!) { add(a: $a) }' });
    expect(seen.released).toEqual([1, 2, 3]);
  });

  it('has no context where it never begins', async () => {
    for (const query of ['{', '{ nothing }', '{ items(first: 201) { name } }']) await post(endpoint, { query });
    expect(seen.contexts).toBe(0);
  });

  it('says which position it saw', async () => {
    expect(await (await post(endpoint, { query: '{ hello }' })).json()).toEqual({
      data: { hello: 'hello' },
      extensions: { position: '7' },
    });
    expect((await (await post(endpoint, { query: 'mutation { hello }' })).json()).extensions).toEqual({ position: '7' });
    const silent = await startTestServer({ positionSeen: () => undefined });
    expect(await (await post(silent.endpoint, { query: '{ hello }' })).json()).toEqual({ data: { hello: 'hello' } });
    await silent.close();
  });

  it('waits for the position that it is to see at least', async () => {
    const ask = (position: string): Promise<Response> => post(endpoint, { query: '{ hello }' }, { 'varve-at-least': position });
    expect((await ask('7')).status).toBe(200);
    const late = await ask('8');
    expect([late.status, (await errorOf(late)).extensions]).toMatchObject([504, { code: 'POSITION_NOT_REACHED', retryable: true }]);
    for (const position of ['-1', '1.5', '07', 'x', '99999999999999999']) {
      const bad = await ask(position);
      expect([bad.status, (await errorOf(bad)).extensions['code']]).toEqual([400, 'BAD_POSITION']);
    }
    expect(seen.contexts).toBe(1);
  });

  it('shows a fault as it is, with the path to it and status 200, for there are data; one of the store is logged', async () => {
    const response = await post(endpoint, { query: '{ hello full }' });
    const answered = await response.json();
    expect([response.status, answered]).toMatchObject([
      200,
      {
        data: { hello: 'hello', full: null },
        errors: [
          {
            message: 'The disk is full.',
            path: ['full'],
            extensions: { code: 'STORAGE_FULL', hint: 'Make room.', retryable: true, correlationId: expect.any(String) },
          },
        ],
      },
    ]);
    const { correlationId } = answered.errors[0].extensions;
    expect(seen.logs).toMatchObject([{ level: 50, correlationId, err: { code: 'STORAGE_FULL' }, path: ['full'] }]);
  });

  it.each(['{ bug }', '{ crash }', '{ badInt }'])('masks %s, and logs it under the id that it answers', async (query) => {
    const response = await post(endpoint, { query });
    const text = await response.text();
    const [error] = JSON.parse(text).errors;
    expect([response.status, error.message, error.extensions.code]).toEqual([200, 'Something went wrong on our side.', 'INTERNAL']);
    expect(text).not.toContain('secret');
    expect(seen.logs).toMatchObject([
      {
        level: 50,
        correlationId: error.extensions.correlationId,
        err: { message: expect.stringContaining('secret'), stack: expect.stringContaining('    at ') },
      },
    ]);
  });

  it('logs one cause of many errors once', async () => {
    await post(endpoint, { query: '{ a: crash b: crash c: bug }' });
    expect(seen.logs).toHaveLength(2);
  });

  it('masks a context that cannot be built', async () => {
    const broken = await startTestServer({
      context: () => {
        throw new Error('secret');
      },
    });
    const response = await post(broken.endpoint, { query: '{ hello }' });
    expect([response.status, (await errorOf(response)).extensions['code']]).toEqual([500, 'INTERNAL']);
    expect(broken.seen.logs).toHaveLength(1);
    await broken.close();
  });

  it.each([
    ['{', {}, 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($a: Int!) { add(a: $a) }', {}, 'BAD_USER_INPUT'],
    ['query ($a: Int!) { add(a: $a) }', { a: 'x' }, 'BAD_USER_INPUT'],
  ])('answers %s with %j as the draft says', async (query, variables, code) => {
    for (const [accept, status] of [
      ['application/json', 200],
      ['application/graphql-response+json', 400],
    ] as const) {
      const response = await post(endpoint, { query, variables }, { accept });
      const { extensions, message } = await errorOf(response);
      expect([response.status, extensions['code'], typeof extensions['hint'], message !== '']).toEqual([status, code, 'string', true]);
      expect(response.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
    }
  });

  it('calls an argument that only its variable makes wrong bad input', async () => {
    const response = await post(endpoint, { query: 'query ($a: Int = 1) { add(a: $a) }', variables: { a: null } });
    expect((await errorOf(response)).extensions['code']).toBe('BAD_USER_INPUT');
    expect(seen.logs).toEqual([]);
  });

  it('answers GET queries', async () => {
    const search = new URLSearchParams({ query: 'query Q($a: Int!) { add(a: $a) }', variables: '{"a":1}', operationName: 'Q' });
    expect((await (await fetch(`${endpoint}?${search}`)).json()).data).toEqual({ add: 1 });
  });
});
