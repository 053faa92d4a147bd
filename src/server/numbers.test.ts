import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { post, startTestServer, until } from './server.fixture.ts';
import { subscribe, Talker } from './talker.fixture.ts';

describe('an id that a client gave up and uses again', async () => {
  const gate = Promise.withResolvers<void>();
  const server = await startTestServer({
    // The first one is slow to open.
    context: async () => {
      const number = ++server.seen.contexts;
      if (number === 1) await gate.promise;
      return { number, host: null, reached: undefined };
    },
  });
  const talker = await new Talker(server.endpoint).open();
  afterAll(async () => {
    talker.socket.terminate();
    await server.close();
  });
  const said = (id: string) => talker.of(id).map(({ type, payload }) => (type === 'next' ? JSON.stringify(payload) : type));
  const tick = (position: number) => JSON.stringify({ data: { tick: { position: String(position) } } });
  const stop = (id: string) => ({ id, type: 'complete' });

  it('carries what the second stream has to say, and ends it', async () => {
    const { seen } = server;
    talker.say(subscribe('x', 'subscription { tick(count: 9) { position } }'));
    await until(() => seen.contexts === 1);
    talker.say(stop('x'), subscribe('x', 'subscription { tick(count: 2) { position } }'));
    await until(() => said('x').length === 2);
    gate.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said('x')).toEqual([tick(1), tick(2)]);
    expect(seen.watched - seen.returned).toBe(1);
    talker.say(stop('x'));
    await until(() => seen.watched === seen.returned);
    expect(said('x')).toHaveLength(2);
  });

  it('answers the second query alone', async () => {
    talker.say(subscribe('y', '{ slow }'), stop('y'), subscribe('y', '{ hello }'));
    await until(() => said('y').length === 2);
    talker.say(subscribe('y', 'subscription { tick(count: 1) { position } }'));
    await until(() => said('y').length === 3);
    server.seen.letGo();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said('y')).toEqual([expect.stringContaining('hello'), 'complete', tick(1)]);
  });
});

describe('what is nested too deep', async () => {
  const server = await startTestServer();
  afterAll(server.close);
  // 20 kB: JSON is read however deep it is nested, but not written.
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);
  const variables = `{"id":"x","type":"subscribe","payload":{"query":"{ hello }","variables":{"a":${deep}}}}`;

  it.each([
    ['an operation before the handshake', false, variables],
    ['an operation', true, variables],
    ['a ping', true, `{"type":"ping","payload":{"a":${deep}}}`],
    ['that it is over', true, `{"id":"x","type":"complete","payload":${deep}}`],
    ['a handshake', false, `{"type":"connection_init","payload":{"a":${deep}}}`],
  ])('closes the connection of who says it, and no other: %s', async (_, isLetIn, words) => {
    const talker = new Talker(server.endpoint);
    if (isLetIn) await talker.open();
    else await until(() => talker.socket.readyState === talker.socket.OPEN);
    const closed = talker.closed();
    talker.say(words);
    expect(await closed).toBe(4400);
    expect(await (await post(server.endpoint, { query: '{ hello }' })).json()).toMatchObject({ data: { hello: 'hello' } });
  });
});

it.each([
  ['mine', 'Subscriber for mine already exists'],
  ['"\n', 'Subscriber for "\n already exists'],
  ['é'.repeat(199), `Subscriber for ${'é'.repeat(54)}`],
])('an id that is used twice is named to its client: %j', async (id, words) => {
  const server = await startTestServer();
  const talker = await new Talker(server.endpoint).open();
  talker.say(subscribe(id, '{ slow }'), subscribe(id, '{ slow }'));
  const [code, reason] = await once(talker.socket, 'close');
  expect([code, String(reason)]).toEqual([4409, words]);
  server.seen.letGo();
  await server.close();
});
