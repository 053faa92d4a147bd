import { describe, expect, it } from 'vitest';
import { limits } from '#base';
import { startTestServer, until } from './server.fixture.ts';
import { subscribe, Talker } from './talker.fixture.ts';

const tick = 'subscription { tick(count: 1) { position } }';
const stop = (id: string) => ({ id, type: 'complete' });
const refusal = (code: string) => [{ type: 'error', payload: [{ extensions: { code, retryable: true } }] }];

describe('a subscription that cannot be opened now, but may be in a moment', () => {
  it('is come back for by its client, where it is alone on its connection; where others are well, they are not cut off', async () => {
    const server = await startTestServer({ streamsMax: 1 });
    const [one, two] = [await new Talker(server.endpoint).open(), await new Talker(server.endpoint).open()];
    one.say(subscribe('a', tick));
    await until(() => one.of('a').length === 1);
    two.say(subscribe('b', tick));
    expect(await two.closed()).toBe(1013);
    expect(two.of('b')).toEqual([]);
    one.say(subscribe('c', tick));
    await until(() => one.of('c').length > 0);
    expect(one.of('c')).toMatchObject(refusal('TOO_MANY_STREAMS'));
    one.say(subscribe('q', '{ hello }'));
    await until(() => one.of('q').length === 2);
    one.say(stop('a'));
    await until(() => server.seen.watched === server.seen.returned);
    one.say(subscribe('d', tick));
    await until(() => one.of('d').length === 1);
    one.socket.terminate();
    await server.close();
  });

  it('does not cut off a query that is under way', async () => {
    const server = await startTestServer({ streamsMax: 0 });
    const talker = await new Talker(server.endpoint).open();
    talker.say(subscribe('q', '{ slow }'), subscribe('s', tick));
    await until(() => talker.of('s').length > 0);
    expect(talker.of('s')).toMatchObject(refusal('TOO_MANY_STREAMS'));
    server.seen.letGo();
    await until(() => talker.of('q').length === 2);
    talker.socket.terminate();
    await server.close();
  });

  it('is not come back for where its client has given it up', async () => {
    const waits: (() => void)[] = [];
    const waitFor = () => new Promise<boolean>((resolve) => void waits.push(() => resolve(false)));
    const server = await startTestServer({ waitFor });
    const talker = await new Talker(server.endpoint, { headers: { 'varve-at-least': '9' } }).open();
    talker.say(subscribe('a', tick));
    await until(() => waits.length === 1);
    talker.say(stop('a'));
    const ping = async (count: number) => {
      talker.say({ type: 'ping' });
      await until(() => talker.heard.filter(({ type }) => type === 'pong').length === count);
    };
    await ping(1);
    waits[0]?.();
    await ping(2);
    expect(talker.of('a')).toEqual([]);
    talker.say(subscribe('a', tick));
    await until(() => waits.length === 2);
    waits[1]?.();
    expect(await talker.closed()).toBe(1013);
    await server.close();
  });
});

it('what a client gave up while it was opened counts for its connection until it is over, and takes nobody else a place', async () => {
  const gate = Promise.withResolvers<boolean>();
  let waits = 0;
  const waitFor = () => {
    waits += 1;
    return gate.promise;
  };
  const server = await startTestServer({ streamsMax: limits.streamsPerSocketMax, waitFor });
  const talker = await new Talker(server.endpoint, { headers: { 'varve-at-least': '9' } }).open();
  const ids = Array.from({ length: limits.streamsPerSocketMax }, (_, i) => String(i));
  talker.say(...ids.map((id) => subscribe(id, tick)));
  await until(() => waits === ids.length);
  talker.say(...ids.map(stop), subscribe('last', tick));
  await until(() => talker.of('last').length > 0);
  expect(talker.of('last')).toMatchObject(refusal('TOO_MANY_STREAMS'));
  const other = await new Talker(server.endpoint).open();
  for (const id of ['a', 'b', 'c']) other.say(subscribe(id, tick));
  await until(() => ['a', 'b', 'c'].every((id) => other.of(id).length === 1));
  gate.resolve(true);
  await until(() => {
    talker.say(subscribe('again', '{ hello }'));
    return talker.of('again').some(({ type }) => type === 'next');
  });
  expect(server.seen.watched).toBe(1);
  for (const { socket } of [talker, other]) socket.terminate();
  await server.close();
});

describe('where the server stops', () => {
  it('a WebSocket that has nothing but streams is closed at once; one with a query under way is when that is answered', async () => {
    const server = await startTestServer();
    const [idle, busy] = [await new Talker(server.endpoint).open(), await new Talker(server.endpoint).open()];
    idle.say(subscribe('s', tick));
    busy.say(subscribe('s', tick), subscribe('slow', '{ slow }'));
    await until(() => [idle, busy].every((one) => one.of('s').length === 1) && server.seen.contexts === 3);
    const ended = busy.closed();
    const closed = server.close();
    expect(await idle.closed()).toBe(1012);
    busy.say(subscribe('late', tick), subscribe('q', '{ hello }'));
    await until(() => busy.of('q').length > 0);
    expect(busy.of('q')).toMatchObject(refusal('SHUTTING_DOWN'));
    server.seen.letGo();
    expect(await ended).toBe(1012);
    expect(busy.of('slow').map(({ type }) => type)).toEqual(['next', 'complete']);
    // What is to be come back for was not ended by a word.
    expect([busy.of('late'), busy.of('s').length]).toEqual([[], 1]);
    await closed;
  });

  it('a WebSocket whose query takes too long is closed all the same', async () => {
    const server = await startTestServer({ shutdownWaitMs: 50 });
    const talker = await new Talker(server.endpoint).open();
    talker.say(subscribe('slow', '{ slow }'));
    await until(() => server.seen.contexts === 1);
    const [code] = await Promise.all([talker.closed(), server.close()]);
    expect(code).toBe(1012);
  });
});
