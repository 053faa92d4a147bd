import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { limits, systemTimers } from '#base';
import { answerClientErrors } from './clienterrors.ts';
import { startTestServer } from './server.fixture.ts';

/** Sends bytes on a connection of their own, more once the server has begun to speak, and answers all that comes until the server closes it. */
function say(port: number, text: string, then?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk) => {
      if (heard === '' && then !== undefined) socket.write(then);
      heard += chunk;
    });
    socket.once('error', reject).once('close', () => resolve(heard));
  });
}

/** What was answered: status, and the error in its JSON. */
function answerIn(heard: string): unknown {
  const [head = '', body = ''] = heard.split('\r\n\r\n');
  expect(head).toMatch(/\r\nconnection: close(\r\n|$)/i);
  expect(head).toMatch(/\r\ncontent-type: application\/json; charset=utf-8/i);
  const { code, hint } = JSON.parse(body).errors[0].extensions;
  expect(hint).toMatch(/^Send /);
  return [Number(head.split(' ')[1]), code];
}

it('answers headers that are too long, and what is no request, in words', async () => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const long = `GET /graphql HTTP/1.1\r\nhost: localhost\r\nx-long: ${'x'.repeat(limits.headersBytesMax)}\r\n\r\n`;
  expect(answerIn(await say(server.port, long))).toEqual([431, 'HEADERS_TOO_LARGE']);
  expect(answerIn(await say(server.port, long.repeat(20)))).toEqual([431, 'HEADERS_TOO_LARGE']);
  expect(answerIn(await say(server.port, 'Hello there\r\n\r\n'))).toEqual([400, 'MALFORMED_REQUEST']);
  expect(answerIn(await say(server.port, '\x16\x03\x01\x02\x00\x01'))).toEqual([400, 'MALFORMED_REQUEST']);
});

it('cuts the connection where an answer is under way, rather than put words into it', async () => {
  const server = await startTestServer();
  onTestFinished(() => server.close());
  const query = encodeURIComponent('subscription { tick(count: 1) { position } }');
  const heard = await say(
    server.port,
    `GET /graphql?query=${query} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n`,
    'Hello there\r\n\r\n',
  );
  expect(heard).toMatch(/^HTTP\/1.1 200 OK/);
  expect(heard).not.toContain('MALFORMED_REQUEST');
});

it('answers what does not arrive in time', async () => {
  const server = createServer({ headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 });
  answerClientErrors(server, pino({ level: 'silent' }), systemTimers);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect(answerIn(await say(port, 'GET /graphql HTTP/1.1\r\nhost: loc'))).toEqual([408, 'REQUEST_TIMEOUT']);
});
