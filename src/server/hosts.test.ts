import { type IncomingHttpHeaders, request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { hostGuard } from './hosts.ts';
import { startTestServer } from './server.fixture.ts';

/** What is answered to a request under a name, as a browser sends it whose page has that name resolve to this machine. */
async function asked(url: string, host: string, headers: IncomingHttpHeaders = {}): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const sending = request(url, { headers: { ...headers, host } }, async (response) => {
    let body = '';
    for await (const chunk of response) body += chunk;
    resolve(response.statusCode === 200 ? 200 : [response.statusCode, JSON.parse(body).errors[0].extensions.code]);
  });
  sending
    .on('error', reject)
    .on('upgrade', (_, socket) => resolve(void socket.destroy()))
    .end();
  return promise;
}

it('lets only its own names and those of its origins lead to a server of this machine', async () => {
  const { close, endpoint, url, port } = await startTestServer({ origins: ['https://shop.example', 'http://other.example:8080'] });
  onTestFinished(close);
  const get = `${endpoint}?query=%7Bhello%7D`;
  for (const host of [`127.0.0.1:${port}`, 'localhost', `LOCALHOST:${port}`, `[::1]:${port}`, 'shop.example', 'other.example:80'])
    expect([host, await asked(get, host)]).toEqual([host, 200]);
  const refused = [403, 'HOST_REFUSED'];
  for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', 'evil-localhost', '10.0.0.1', '%'])
    expect([host, await asked(get, host)]).toEqual([host, refused]);
  for (const path of ['/health', '/', '/nowhere']) expect(await asked(`${url}${path}`, 'evil.example')).toEqual(refused);
  expect(await asked(endpoint, 'evil.example', { accept: 'text/html' })).toEqual(refused);
  const upgrade = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'x'.repeat(22).concat('=='),
  };
  expect(await asked(endpoint, 'evil.example', upgrade)).toEqual(refused);
});

it('asks nothing of names where the operator let the world in, nor of who sends none', () => {
  const named = (host: string | undefined) => ({ headers: { host } }) as Parameters<ReturnType<typeof hostGuard>>[0];
  expect(() => hostGuard({ host: '0.0.0.0' })(named('shop.example'))).not.toThrow();
  expect(() => hostGuard({})(named(undefined))).not.toThrow();
  expect(() => hostGuard({ host: 'localhost' })(named('shop.example'))).toThrow('is not known as');
});
