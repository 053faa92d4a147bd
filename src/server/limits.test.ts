import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { limits } from '#base';
import { acceptable } from './accept.ts';
import { compile } from './compiled/operations.ts';
import { documentCaches } from './document.ts';
import { compiledExecution } from './execution.ts';
import { errorOf, post, startTestServer } from './server.fixture.ts';
import { Talker } from './talker.fixture.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  const nearer = { headersWaitMs: 200, requestWaitMs: 2_000, connectionIdleMs: 100, refusedBodyWaitMs: 100, atLeastWaitMs: 50 };
  const fewer = { socketsMax: 2, documentsCachedMax: 3, documentsCachedTokensMax: 40, compiledFieldsMax: 12 };
  const other = { documentFaultsCachedMax: 2, acceptsCachedMax: 2, acceptsCachedLengthMax: 40 };
  return { ...base, limits: { ...base.limits, ...nearer, ...fewer, ...other } };
});

// Node looks every 5 s for requests that take too long: here more often.
vi.mock('node:http', async (original) => {
  const http = await original<typeof import('node:http')>();
  const createServer = (options: object, listener: () => void) =>
    http.createServer({ ...options, connectionsCheckingInterval: 20 }, listener);
  return { ...http, createServer };
});

vi.mock('./compiled/operations.ts', { spy: true });

describe('a connection', async () => {
  const waited: number[] = [];
  const server = await startTestServer({
    waitFor: async (_, timeoutMs) => {
      waited.push(timeoutMs);
      return false;
    },
  });
  afterAll(() => server.close());

  /** Sends bytes on a connection of its own and keeps it open; all that is heard until the server closes it, and after how long that was. */
  const say = async (text: string) => {
    const begun = performance.now();
    let heard = '';
    const socket: Socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () => void socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk) => {
      heard += chunk;
    });
    await once(socket, 'end');
    socket.destroy();
    return { heard, ms: performance.now() - begun };
  };
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncontent-type: application/json\r\n`;

  it('has so long for the headers of a request, and so long for all of it', async () => {
    const [headers, body] = await Promise.all([say(head), say(`${head}content-length: 100\r\n\r\n{"query":`)]);
    for (const [{ heard, ms }, most] of [
      [headers, limits.headersWaitMs],
      [body, limits.requestWaitMs],
    ] as const) {
      expect(heard).toMatch(/^HTTP\/1.1 408 .*"REQUEST_TIMEOUT"/s);
      expect([ms >= most, ms < most + 5_000]).toEqual([true, true]);
    }
    expect(headers.ms).toBeLessThan(limits.requestWaitMs);
  });

  it('that is idle is closed after a while', async () => {
    const { heard, ms } = await say(`GET /health HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`);
    expect(heard).toMatch(/^HTTP\/1.1 200 OK/);
    // Node leaves a second more, for what its client sends just then.
    expect([ms >= limits.connectionIdleMs, ms < limits.connectionIdleMs + 5_000]).toEqual([true, true]);
  });

  it('whose body was refused is read from for so long', async () => {
    const { heard, ms } = await say(`${head}content-length: ${2 * limits.bodyBytesMax}\r\n\r\n{"query":`);
    expect(heard).toContain('BODY_TOO_LARGE');
    expect([ms >= limits.refusedBodyWaitMs, ms < limits.requestWaitMs]).toEqual([true, true]);
  });

  it('waits for a position for so long', async () => {
    const late = await post(server.endpoint, { query: '{ hello }' }, { 'varve-at-least': '9' });
    expect([late.status, (await errorOf(late)).message, waited]).toEqual([504, 'Position 9 was not reached within 0.05 s.', [50]]);
  });

  it('becomes a WebSocket where there are not so many already', async () => {
    const open = [await new Talker(server.endpoint).open(), await new Talker(server.endpoint).open()];
    const { socket } = new Talker(server.endpoint);
    const [, refused] = await once(socket, 'unexpected-response');
    let text = '';
    for await (const chunk of refused) text += chunk;
    expect([refused.statusCode, JSON.parse(text).errors[0]]).toMatchObject([
      503,
      { message: '2 WebSockets are open already.', extensions: { code: 'TOO_MANY_STREAMS' } },
    ]);
    for (const one of open) one.socket.terminate();
  });
});

describe('documents', () => {
  it('are kept so many, and so much of them', () => {
    const keptOf = (...documents: readonly string[]) => {
      const { documentCache } = documentCaches();
      for (const document of documents) documentCache.set(document, parse(document));
      return [...documentCache.keys()].reverse();
    };
    const small = ['{ a }', '{ b }', '{ c }', '{ d }'];
    expect(keptOf(...small)).toEqual(small.slice(1));
    const large = ['a', 'b', 'c'].map((name) => `{ ${`${name} `.repeat(15)}}`);
    expect(keptOf(...large)).toEqual(large.slice(1));
    expect(keptOf(`{ ${'a '.repeat(50)}}`)).toEqual([]);
  });

  it('that are wrong are kept so many, with what is wrong', () => {
    const { errorCache } = documentCaches();
    for (const document of ['{', '{ a', '{ a {']) errorCache.set(document, new Error(document));
    expect([...errorCache.keys()]).toEqual(['{ a {', '{ a']);
  });

  it('are kept compiled so many, and so many fields of them', () => {
    const fields = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { type: GraphQLString, resolve: () => name }]));
    const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
    /** Which documents are compiled, executed one after another. */
    const compiledOf = (...texts: readonly string[]) => {
      const { execute } = compiledExecution(schema);
      const documents = new Map(texts.map((text) => [text, parse(text)]));
      return texts.filter((text) => {
        const before = vi.mocked(compile).mock.calls.length;
        const document = documents.get(text);
        // What the last one came to is counted when the next one comes.
        for (let time = 0; document && time < 2; time += 1) execute({ schema, document });
        return vi.mocked(compile).mock.calls.length > before;
      });
    };
    const few = ['{ a }', '{ b }', '{ c }', '{ a }', '{ d }', '{ b }'];
    expect(compiledOf(...few)).toEqual(['{ a }', '{ b }', '{ c }', '{ d }', '{ b }']);
    const large = ['{ a b c d }', '{ b c d e }', '{ a b c d }'];
    expect(compiledOf(...large)).toEqual(large);
  });
});

it('so many accept headers are kept read, and none that is long', () => {
  const isKept = (header: string) => {
    const before = acceptable(header);
    return acceptable(header) === before;
  };
  expect([isKept('text/html'), isKept(`text/${'x'.repeat(40)}`)]).toEqual([true, false]);
  const first = acceptable('text/html');
  for (const other of ['text/a', 'text/b']) acceptable(other);
  expect(acceptable('text/html')).not.toBe(first);
});
