import { request } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '#base';
import { errorOf, post, startTestServer } from './server.fixture.ts';

const query = '{ hello }';

describe('what is no GraphQL request', async () => {
  const server = await startTestServer({ origins: ['https://shop.example'] });
  afterAll(() => server.close());
  const refused = async (response: Response): Promise<unknown[]> => [response.status, (await errorOf(response)).extensions['code']];

  it.each([
    ['application/x-www-form-urlencoded', 'query=%7Bhello%7D'],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{hello}"}\r\n--x--\r\n'],
    ['text/plain', JSON.stringify({ query })],
    ['application/graphql', query],
    ['application/graphql+json', JSON.stringify({ query })],
    ['application/json; charset=latin1', JSON.stringify({ query })],
    ['application/jsonp', JSON.stringify({ query })],
    ['', JSON.stringify({ query })],
  ])('refuses a body of type %j', async (type, body) => {
    expect(await refused(await post(server.endpoint, body, { 'content-type': type }))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it.each(['application/json', 'Application/JSON;charset=UTF-8', 'application/json; charset="utf-8"'])(
    'takes a body of type %j',
    async (type) => {
      expect((await post(server.endpoint, { query }, { 'content-type': type })).status).toBe(200);
    },
  );

  it.each([
    '',
    '{',
    'null',
    '"{ hello }"',
    '[]',
    JSON.stringify([{ query }]),
    '{"query": 1}',
    '{"query": "{hello}", "surprise": 1}',
    '{"query":"{hello}","variables":[]}',
  ])('refuses the body %j', async (body) => {
    expect(await refused(await post(server.endpoint, body))).toEqual([400, 'BAD_REQUEST']);
  });

  it('refuses bytes that are no UTF-8, and compressed bodies', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await refused(await fetch(server.endpoint, { method: 'POST', headers, body: new Uint8Array([0x22, 0xff, 0x22]) }))).toEqual([
      400,
      'BAD_REQUEST',
    ]);
    expect(await refused(await post(server.endpoint, { query }, { 'content-encoding': 'gzip' }))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('refuses a body over its limit, as soon as its length is known, and its sender can read why', async () => {
    const body = JSON.stringify({ query, variables: { x: 'x'.repeat(2 * limits.bodyBytesMax) } });
    expect(await refused(await post(server.endpoint, body))).toEqual([413, 'BODY_TOO_LARGE']);
    const fits = JSON.stringify({ query, variables: { x: 'x'.repeat(limits.bodyBytesMax - 100) } });
    expect((await post(server.endpoint, fits)).status).toBe(200);
  });

  it('refuses a body that nests too deeply, before it is parsed', async () => {
    const nested = (depth: number, length = 0) =>
      `{"query": "{ hello }", "variables": {"x": ${'['.repeat(depth)}"${'[{'.repeat(length)}\\"["${']'.repeat(depth)}}}`;
    for (const body of [nested(400_000), nested(limits.bodyNestingMax - 1, 3_000), '['.repeat(800_000), `{"a":`.repeat(100_000)]) {
      const begun = performance.now();
      expect(await refused(await post(server.endpoint, body))).toEqual([400, 'BODY_TOO_DEEP']);
      expect(performance.now() - begun).toBeLessThan(400);
    }
    expect((await post(server.endpoint, nested(limits.bodyNestingMax - 2, 3_000))).status).toBe(200);
    expect(await refused(await post(server.endpoint, `{"query": "${'['.repeat(5_000)}`))).toEqual([400, 'BAD_REQUEST']);
  });

  it('refuses an endless body without a length', async () => {
    const status = await new Promise((resolve, reject) => {
      const sending = request(server.endpoint, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
        clearInterval(timer);
        resolve(response.statusCode);
        response.resume();
      });
      const timer = setInterval(() => sending.write('x'.repeat(100_000)), 1);
      sending.on('error', reject);
    });
    expect(status).toBe(413);
  });

  it('refuses other methods, and media types that GraphQL is not answered in', async () => {
    expect(await refused(await fetch(server.endpoint, { method: 'PUT', body: '{}' }))).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(await refused(await post(server.endpoint, { query }, { accept: 'image/png' }))).toEqual([406, 'NOT_ACCEPTABLE']);
    expect(
      await refused(
        await post(server.endpoint, { query: 'subscription { tick { position } }' }, { accept: 'multipart/mixed, application/json' }),
      ),
    ).toEqual([406, 'NOT_ACCEPTABLE']);
  });

  it('does not mutate by GET', async () => {
    const response = await fetch(`${server.endpoint}?query=mutation%7Bhello%7D`);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await refused(response)).toEqual([405, 'METHOD_NOT_ALLOWED']);
    for (const accept of ['text/event-stream', 'application/graphql-response+json']) {
      const answer = await fetch(`${server.endpoint}?query=mutation%7Bhello%7D`, { headers: { accept } });
      expect(await answer.text()).toContain('"hint":"Send a POST with a JSON body, or a GET for queries and subscriptions."');
    }
  });

  it('refuses GET parameters that are not JSON', async () => {
    expect(await refused(await fetch(`${server.endpoint}?query=%7Bhello%7D&variables=%7B`))).toEqual([400, 'BAD_REQUEST']);
  });

  it('says where there is something, where there is nothing', async () => {
    const response = await fetch(`${server.url}/nowhere`);
    const { message, extensions } = await errorOf(response);
    expect([response.status, extensions['code'], message]).toEqual([404, 'NOT_FOUND', 'There is nothing at GET /nowhere.']);
    expect((await fetch(`${server.url}/`)).status).toBe(404);
    const home = await fetch(`${server.url}/`, { headers: { accept: 'text/html' }, redirect: 'manual' });
    expect([home.status, home.headers.get('location')]).toEqual([302, '/graphql']);
  });

  it('says how it is', async () => {
    const response = await fetch(`${server.url}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', position: '7', store: 'memory' }]);
    const starting = await startTestServer({ health: () => ({ status: 'starting', position: 3, store: 'sqlite' }) });
    expect((await fetch(`${starting.url}/health`)).status).toBe(503);
    await starting.close();
  });

  it('refuses pages of other origins, and says nothing of CORS', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      const response = await post(server.endpoint, { query: 'mutation { hello }' }, { origin });
      expect(await refused(response)).toEqual([403, 'ORIGIN_REFUSED']);
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    const preflight = await fetch(server.endpoint, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
  });

  it('lets its own pages, and those of configured origins', async () => {
    const own = await post(server.endpoint, { query }, { origin: server.url });
    expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    const origin = 'https://shop.example';
    const other = await post(server.endpoint, { query }, { origin });
    expect([other.status, other.headers.get('access-control-allow-origin'), other.headers.get('vary')]).toEqual([200, origin, 'origin']);
    expect(other.headers.get('access-control-allow-credentials')).toBeNull();
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,varve-at-least' };
    const preflight = await fetch(server.endpoint, { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type,varve-at-least']);
  });
});
