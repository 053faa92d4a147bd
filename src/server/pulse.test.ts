import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '#base';
import { startTestServer, until } from './server.fixture.ts';
import { subscribe, Talker } from './talker.fixture.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const heartbeatMs = 50;

/** A client that does not read, with megabytes on their way to it. */
async function startStalled(ticks: string) {
  const server = await startTestServer({ heartbeatMs });
  const talker = await new Talker(server.endpoint).open();
  // The next ping comes after a beat, and stands behind what is sent until then.
  await once(talker.socket, 'ping');
  talker.say(subscribe('s', `subscription { tick(${ticks}) { position text } }`));
  talker.socket.pause();
  await until(() => server.seen.watched === 1);
  return { server, talker };
}

it('a client that reads slowly is not cut off, though a ping stands behind what it has not read', async () => {
  const { server, talker } = await startStalled('size: 100000');
  for (let i = 0; i < 20; i++) {
    await wait(3 * heartbeatMs);
    const { length } = talker.heard;
    talker.socket.resume();
    await until(() => talker.heard.length > length + 10);
    talker.socket.pause();
  }
  expect(talker.socket.readyState).toBe(WebSocket.OPEN);
  talker.socket.terminate();
  await server.close();
});

it('a client whose answer is not read, because much was written after the ping, is not cut off', async () => {
  const server = await startTestServer({ heartbeatMs });
  const talker = await new Talker(server.endpoint, { autoPong: false }).open();
  const [name] = (await once(talker.socket, 'ping')) as [Buffer];
  talker.say(subscribe('s', 'subscription { tick(count: 1, size: 20000000) { position text } }'));
  talker.socket.pause();
  await until(() => server.seen.watched === 1);
  await wait(heartbeatMs / 5);
  talker.socket.pong(name);
  await wait(5 * heartbeatMs);
  expect(server.seen.returned).toBe(0);
  talker.socket.on('ping', (data) => talker.socket.pong(data));
  talker.socket.resume();
  await until(() => talker.of('s').length === 1);
  talker.socket.terminate();
  await server.close();
});

it.each([
  ['says nothing, however much stands before the ping', 'count: 1, size: 20000000', 6, () => undefined],
  ['answers what it was not asked', 'size: 100000', 40, (talker: Talker) => talker.socket.pong('1')],
])('a client that takes nothing is cut off, if it %s', async (_, ticks, times, say) => {
  const { server, talker } = await startStalled(ticks);
  const begun = performance.now();
  const saying = setInterval(() => say(talker), heartbeatMs);
  await until(() => server.seen.returned === 1, times * limits.stalledBeatsMax * heartbeatMs);
  expect(performance.now() - begun).toBeGreaterThan(2 * heartbeatMs);
  clearInterval(saying);
  talker.socket.terminate();
  await server.close();
});

it('a pong that nobody asked for is no answer', async () => {
  const server = await startTestServer({ heartbeatMs });
  const dead = await new Talker(server.endpoint, { autoPong: false }).open();
  const saying = setInterval(() => dead.socket.pong(), heartbeatMs / 4);
  expect(await dead.closed()).toBe(1006);
  clearInterval(saying);
  await server.close();
});
