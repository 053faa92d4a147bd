import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '#base';
import { hostile } from './hostile.fixture.ts';
import { startTestServer, until } from './server.fixture.ts';
import { subscribe, Talker } from './talker.fixture.ts';

describe('a WebSocket', async () => {
  const server = await startTestServer({ streamsMax: 120, origins: ['https://shop.example'] });
  const { seen, endpoint } = server;
  const talkers: Talker[] = [];
  afterAll(async () => {
    for (const { socket } of talkers) socket.terminate();
    await server.close();
  });
  const talk = (...[options]: [ConstructorParameters<typeof Talker>[1]?]): Talker => {
    const talker = new Talker(endpoint, options);
    talkers.push(talker);
    return talker;
  };

  it('answers queries, mutations and pings', async () => {
    const talker = await talk().open();
    talker.say(subscribe('q', '{ hello host }'), subscribe('m', 'mutation { hello }'), { type: 'ping', payload: { at: 1 } });
    await until(() => talker.heard.length === 6);
    expect(talker.of('q')).toEqual([
      {
        id: 'q',
        type: 'next',
        payload: { data: { hello: 'hello', host: new URL(endpoint).host }, extensions: { position: '7' } },
      },
      { id: 'q', type: 'complete' },
    ]);
    expect(talker.of('m')[0]?.payload).toMatchObject({ data: { hello: 'done' } });
    expect(talker.heard).toContainEqual({ type: 'pong', payload: { at: 1 } });
  });

  it('carries live streams, each until its client has enough', async () => {
    const talker = await talk().open();
    const query = 'subscription($after: Int) { tick(count: 9, after: $after) { position } }';
    talker.say(subscribe('a', query), subscribe('b', query, { variables: { after: 5 } }));
    await until(() => talker.of('a').length === 9 && talker.of('b').length === 4);
    const positions = (id: string) => talker.of(id).map(({ payload }) => Number(JSON.parse(JSON.stringify(payload)).data.tick.position));
    expect([positions('a'), positions('b')]).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [6, 7, 8, 9],
    ]);
    const { returned } = seen;
    talker.say({ id: 'a', type: 'complete' }, { id: 'b', type: 'complete' });
    await until(() => seen.returned === returned + 1);
    talker.say(subscribe('c', 'subscription { tick { position } }'));
    await until(() => talker.of('c').length > 3);
    talker.socket.terminate();
    await until(() => seen.returned === returned + 2);
  });

  it('masks what broke, and says what was refused', async () => {
    const talker = await talk().open();
    talker.say(
      subscribe('crash', '{ crash }'),
      subscribe('broken', 'subscription { tick(broken: 1) { position } }'),
      subscribe('unknown', '{ nothing }'),
      subscribe('syntax', '{'),
      subscribe('params', '{ hello }', { nonsense: true }),
      subscribe('full', '{ full }'),
    );
    await until(() => ['crash', 'broken', 'unknown', 'syntax', 'params', 'full'].every((id) => talker.of(id).length > 0));
    const said = (id: string) => JSON.stringify(talker.of(id)[0]);
    expect(said('crash')).toContain('"code":"INTERNAL"');
    expect(said('broken')).toContain('"code":"INTERNAL"');
    expect(said('unknown')).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(said('syntax')).toContain('GRAPHQL_PARSE_FAILED');
    expect(said('params')).toContain('BAD_REQUEST');
    expect(said('full')).toContain('STORAGE_FULL');
    expect(JSON.stringify(talker.heard)).not.toContain('secret');
  });

  const refused = Object.entries(hostile).flatMap(([name, [query, code]]) => (code === null ? [] : [{ name, query, code }]));
  it.each(refused)('holds the limits of a document: $name', async ({ query, code }) => {
    const talker = await talk().open();
    talker.say(subscribe('x', query));
    await until(() => talker.of('x').length > 0);
    expect(talker.of('x')).toMatchObject([
      { type: 'error', payload: expect.arrayContaining([expect.objectContaining({ extensions: expect.objectContaining({ code }) })]) },
    ]);
    talker.socket.close();
  });

  it('has room for so many operations, and says so to the next', async () => {
    const talker = await talk().open();
    const query = 'subscription { tick(count: 0) { position } }';
    for (let i = 1; i <= limits.streamsPerSocketMax + 1; i++) talker.say(subscribe(String(i), query));
    const last = String(limits.streamsPerSocketMax + 1);
    await until(() => talker.of(last).length > 0);
    expect(talker.of(last)).toMatchObject([{ type: 'error', payload: [{ extensions: { code: 'TOO_MANY_STREAMS' } }] }]);
    const other = await talk().open();
    for (let i = 1; i <= 21; i++) other.say(subscribe(String(i), query));
    await until(() => other.of('21').length > 0);
    expect(JSON.stringify(other.of('21'))).toContain('The server has its 120 live streams open already.');
    talker.socket.close();
    other.socket.close();
  });

  it.each<[string, number, unknown[]]>([
    ['no JSON', 4400, ['nonsense']],
    ['a message of no kind', 4400, [{ type: 'nonsense' }]],
    ['an operation before it is let in', 4401, [subscribe('1', '{ hello }')]],
    ['two handshakes', 4429, [{ type: 'connection_init' }, { type: 'connection_init' }]],
    ['one id twice', 4409, [{ type: 'connection_init' }, subscribe('1', '{ slow }'), subscribe('1', '{ slow }')]],
    ['a frame that is too large', 1009, ['x'.repeat(limits.frameBytesMax + 1)]],
    ['a handshake that says too much', 4403, [{ type: 'connection_init', payload: { token: 'x'.repeat(limits.handshakeLengthMax) } }]],
    ['no handshake', 4408, []],
  ])('is closed by a code for %s', async (_, code, messages) => {
    const talker = talk();
    await once(talker.socket, 'open');
    const closed = talker.closed();
    for (const message of messages) {
      talker.say(message);
      if (messages.length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await closed).toBe(code);
  });

  it.each(['', 'graphql-ws', 'chat'])('is closed where it speaks another protocol: "%s"', async (protocol) => {
    const talker = talk({ protocol });
    // A client that gets none of the protocols it asked for may close by itself.
    expect([4406, 1006, 1002]).toContain(await talker.closed());
    expect(talker.heard).toEqual([]);
  });

  it.each([
    ['another origin', {}, { origin: 'https://evil.example' }, 403, 'ORIGIN_REFUSED'],
    ['another path', { path: '/else' }, {}, 404, 'NOT_FOUND'],
    ['no key', {}, { 'sec-websocket-key': '' }, 400, 'BAD_HANDSHAKE'],
    ['another version', {}, { 'sec-websocket-version': '12' }, 400, 'BAD_HANDSHAKE'],
    ['another method', { method: 'POST' }, {}, 400, 'BAD_HANDSHAKE'],
  ])('is refused in words: %s', async (_, { path = '/graphql', ...how }: { path?: string; method?: string }, headers, status, code) => {
    const { host } = new URL(endpoint);
    const refused = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asking = request(`http://${host}${path}`, {
        ...how,
        headers: {
          connection: 'upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-protocol': 'graphql-transport-ws',
          ...headers,
        },
      });
      asking.on('error', reject).on('response', async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode, text });
      });
      asking.end();
    });
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.text).errors[0].extensions.code).toBe(code);
  });

  it('is open to the origins that are configured, and to its own', async () => {
    for (const origin of ['https://shop.example', new URL(endpoint).origin]) (await talk({ origin }).open()).socket.close();
  });

  it('under an id that was given up while it opened, carries one stream, and ends with its socket', async () => {
    await until(() => seen.watched === seen.returned);
    const { watched } = seen;
    const talker = await talk().open();
    const query = 'subscription { tick(count: 3) { position } }';
    talker.say(subscribe('x', query), { id: 'x', type: 'complete' }, subscribe('x', query));
    const results = () => talker.of('x').filter(({ type }) => type === 'next');
    await until(() => results().length >= 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(results()).toHaveLength(3);
    talker.socket.terminate();
    await until(() => seen.watched > watched && seen.watched === seen.returned);
  });

  it('whose client does not read is not read from either; when it reads again, it is answered all', async () => {
    const talker = await talk().open();
    talker.say(subscribe('s', 'subscription { tick(size: 10000) { position } }'));
    await until(() => talker.of('s').length > 0);
    talker.socket.pause();
    const pings = 60;
    for (let i = 0; i < pings; i++) talker.say({ type: 'ping', payload: { i, text: 'x'.repeat(500_000) } });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // A server that went on reading would have taken it all by now, and would hold as much in answers.
    expect(talker.socket.bufferedAmount).toBeGreaterThan(10_000_000);
    talker.socket.resume();
    await until(() => talker.heard.filter(({ type }) => type === 'pong').length === pings);
    const { length } = talker.of('s');
    await until(() => talker.of('s').length > length);
    talker.socket.terminate();
  });

  it('is closed by the code to come back where a stream meets an overload', async () => {
    const talker = await talk().open();
    talker.say(subscribe('b', 'subscription { tick(busy: 1) { position } }'));
    expect(await talker.closed()).toBe(1013);
    expect(talker.of('b')).toEqual([]);
  });

  it('is the only protocol that is switched to', async () => {
    const response = await new Promise<number | undefined>((resolve, reject) => {
      request(new URL('/health', endpoint), { headers: { connection: 'upgrade', upgrade: 'h2c' } }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(response).toBe(200);
  });
});

it('a request that was refused to become a WebSocket holds nothing, though its client keeps its half open', async () => {
  const server = await startTestServer();
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  const head = ['GET /graphql HTTP/1.1', `host: 127.0.0.1:${server.port}`, 'origin: https://evil.example', 'connection: upgrade'];
  socket.write(`${[...head, 'upgrade: websocket'].join('\r\n')}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toContain('ORIGIN_REFUSED');
  const begun = performance.now();
  await server.close();
  expect(performance.now() - begun).toBeLessThan(3_000);
  socket.destroy();
});

it('a WebSocket whose client does not answer pings is given up', async () => {
  const server = await startTestServer({ heartbeatMs: 30 });
  const lively = await new Talker(server.endpoint).open();
  const dead = await new Talker(server.endpoint, { autoPong: false }).open();
  expect(await dead.closed()).toBe(1006);
  expect(lively.socket.readyState).toBe(WebSocket.OPEN);
  lively.socket.terminate();
  await server.close();
});

it('a WebSocket is closed by a code that says to come back where the server stops, its streams not completed', async () => {
  const server = await startTestServer();
  const talker = await new Talker(server.endpoint).open();
  talker.say(subscribe('1', 'subscription { tick(count: 1) { position } }'));
  await until(() => talker.of('1').length === 1);
  const [code] = await Promise.all([talker.closed(), server.close()]);
  expect(code).toBe(1012);
  expect(talker.of('1').map(({ type }) => type)).toEqual(['next']);
  expect(server.seen.returned).toBe(1);
});
