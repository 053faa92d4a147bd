import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { limits } from '#base';
import { post, startTestServer, until } from './server.fixture.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Posts over a connection that is kept. */
function ask(endpoint: string, agent: Agent, query: string, accept = '*/*'): Promise<{ response: IncomingMessage; body: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(
      endpoint,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', accept } },
      async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ response, body });
      },
    );
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
  // So is whoever connects meanwhile.
  expect((await ask(endpoint, new Agent(), '{ hello }')).body).toBe(body);
  // No `complete`: the stream is not over, it is to be come back to.
  expect(await text).toMatch(/SHUTTING_DOWN.*\nretry: 1000\n\n$/);
  seen.letGo();
  expect((await (await slow).json()).data).toEqual({ slow: 'slow' });
  await closed;
  await expect(ask(endpoint, new Agent(), '{ hello }')).rejects.toThrow('ECONNREFUSED');
  expect(seen.returned).toBe(1);
  expect(seen.released.toSorted()).toEqual([1, 2, 3]);
});

/** A stream on a connection of its own: all that came on it, and when it was closed. */
function stream(endpoint: string, query: string) {
  const { host, hostname, port, pathname } = new URL(endpoint);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  let text = '';
  socket.on('data', (data: string) => {
    text += data;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(
    `GET ${pathname}?query=${encodeURIComponent(`subscription { ${query} }`)} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`,
  );
  return { socket, closed, text: () => text };
}

it('closes the connection of a stream with its last words, while others are still under way', async () => {
  const { close, endpoint, seen } = await startTestServer();
  const slow = post(endpoint, { query: '{ slow }' });
  const live = stream(endpoint, 'tick(count: 1) { position }');
  await until(() => live.text().includes('id: 1') && seen.contexts === 2);
  const closing = close();
  await live.closed;
  expect(live.text()).toMatch(/: SHUTTING_DOWN.*\nretry: 1000\n\n\r\n0\r\n\r\n$/);
  seen.letGo();
  expect((await slow).status).toBe(200);
  await closing;
});

it('tells who asks for a stream meanwhile to come back: for an EventSource any other answer is the end', async () => {
  const { close, endpoint, seen } = await startTestServer();
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  await ask(endpoint, kept, '{ hello }');
  const slow = post(endpoint, { query: '{ slow }' });
  await until(() => seen.contexts === 2);
  const closing = close();
  const { response, body } = await ask(endpoint, kept, 'subscription { tick { position } }', 'text/event-stream');
  expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
  expect(response.headers['content-type']).toContain('text/event-stream');
  expect(body).toMatch(/^: SHUTTING_DOWN.*\nretry: 1000\n\n$/);
  seen.letGo();
  await slow;
  await closing;
});

it('does not wait for a reader that reads nothing', async () => {
  const { close, endpoint, seen } = await startTestServer();
  const { socket } = stream(endpoint, 'tick(size: 1000000) { text }');
  socket.pause();
  await until(() => seen.watched === 1);
  // More than fits into what the system holds for a connection.
  await pause(500);
  const begun = performance.now();
  await close();
  expect(performance.now() - begun).toBeLessThan(limits.lastWordsWaitMs + limits.shutdownRefuseMs + 400);
  socket.destroy();
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
