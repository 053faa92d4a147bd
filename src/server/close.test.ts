import { Agent, type IncomingMessage, request } from 'node:http';
import { expect, it } from 'vitest';
import { post, startTestServer, until } from './server.fixture.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Posts over a connection that is kept. */
function ask(endpoint: string, agent: Agent, query: string): Promise<{ response: IncomingMessage; body: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(endpoint, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ response, body });
    });
    sending.on('error', reject).end(JSON.stringify({ query }));
  });
}

it('finishes what is under way, refuses what comes meanwhile, and closes', async () => {
  const { close, endpoint, seen } = await startTestServer();
  const kept = new Agent({ keepAlive: true });
  expect((await ask(endpoint, kept, '{ hello }')).response.headers.connection).toBe('keep-alive');
  const slow = post(endpoint, { query: '{ slow }' });
  const live = post(endpoint, { query: 'subscription { tick(count: 1) { position } }' }, { accept: 'text/event-stream' });
  await until(() => seen.contexts === 3);
  const text = (await live).text();
  const closed = close();
  const { response, body } = await ask(endpoint, kept, '{ hello }');
  expect([response.statusCode, response.headers.connection]).toEqual([503, 'close']);
  expect(JSON.parse(body).errors[0].extensions).toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
  await expect(ask(endpoint, new Agent(), '{ hello }')).rejects.toThrow('ECONNREFUSED');
  // No `complete`: the stream is not over, it is to be come back to.
  expect(await text).toMatch(/SHUTTING_DOWN.*\nretry: 1000\n\n$/);
  seen.letGo();
  expect((await (await slow).json()).data).toEqual({ slow: 'slow' });
  await closed;
  expect(seen.returned).toBe(1);
  expect(seen.released.toSorted()).toEqual([1, 2, 3]);
});

it('says that it is stopping where its health is asked for, by whoever is connected', async () => {
  const { close, url, endpoint, seen } = await startTestServer();
  const kept = new Agent({ keepAlive: true });
  const health = async () => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request(`${url}/health`, { agent: kept }, resolve).on('error', reject).end();
    const response = await promise;
    let body = '';
    for await (const chunk of response) body += chunk;
    return [response.statusCode, JSON.parse(body).status];
  };
  expect(await health()).toEqual([200, 'ok']);
  const slow = post(endpoint, { query: '{ slow }' });
  await until(() => seen.contexts === 1);
  const closed = close();
  expect(await health()).toEqual([503, 'stopping']);
  seen.letGo();
  await (await slow).json();
  await closed;
});

it('waits for what is under way only so long', async () => {
  const { close, endpoint } = await startTestServer({ shutdownWaitMs: 100 });
  const slow = post(endpoint, { query: '{ slow }' }).catch((error: unknown) => error);
  await pause(50);
  const begun = performance.now();
  await close();
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(await slow).toBeInstanceOf(Error);
});

it('closes at once where nothing is under way, idle connections included, and twice is once', async () => {
  const { close, endpoint } = await startTestServer();
  await (await post(endpoint, { query: '{ hello }' })).json();
  const begun = performance.now();
  await Promise.all([close(), close()]);
  expect(performance.now() - begun).toBeLessThan(500);
});

it('says where it cannot listen', async () => {
  const { close, port } = await startTestServer();
  await expect(startTestServer({ port })).rejects.toMatchObject({
    code: 'CANNOT_LISTEN',
    message: `The server cannot listen on 127.0.0.1:${port}: the port is taken.`,
  });
  await close();
});
