import { afterAll, describe, expect, it } from 'vitest';
import { startTestServer, until } from './server.fixture.ts';
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
    talker.say(subscribe('x', 'subscription { tick(count: 9) { position } }'), stop('x'));
    await until(() => seen.contexts === 1);
    talker.say(subscribe('x', 'subscription { tick(count: 2) { position } }'));
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
