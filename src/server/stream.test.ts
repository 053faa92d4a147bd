import { connect } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hostile } from './hostile.fixture.ts';
import { errorOf, post, startTestServer, until } from './server.fixture.ts';
import { subscribe as socketSubscribe, Talker } from './talker.fixture.ts';

const events = { accept: 'text/event-stream' };

/** Reads an event stream until what was read fulfils the condition. */
async function readUntil(response: Response, enough: (text: string) => boolean): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader && !enough(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader?.cancel();
  return text;
}

describe('a live stream', async () => {
  const server = await startTestServer({ streamsMax: 3, heartbeatMs: 40 });
  const { seen, endpoint } = server;
  afterAll(() => server.close());
  beforeEach(async () => {
    await until(() => seen.watched === seen.returned);
    seen.watched = 0;
    seen.returned = 0;
    seen.released.length = 0;
    seen.logs.length = 0;
  });
  const subscribe = (fields: string, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...events, ...headers },
      body: JSON.stringify({ query: `subscription { ${fields} }` }),
      signal: signal ?? null,
    });

  it('is a stream of events whose ids are positions', async () => {
    const response = await subscribe('tick(count: 2) { position }');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(await readUntil(response, (text) => text.includes('id: 2\ndata'))).toBe(
      ':\n\nid: 0\n\nevent: next\nid: 1\ndata: {"data":{"tick":{"position":"1"}}}\n\n' +
        'event: next\nid: 2\ndata: {"data":{"tick":{"position":"2"}}}\n\n',
    );
    await until(() => seen.released.length === 1);
  });

  it('is asked for by GET too, as EventSource does', async () => {
    const response = await fetch(`${endpoint}?query=${encodeURIComponent('subscription { tick(count: 1) { text } }')}`, {
      headers: events,
    });
    expect(await readUntil(response, (text) => text.includes('data'))).toContain(
      'event: next\nid: 1\ndata: {"data":{"tick":{"text":"x"}}}\n\n',
    );
  });

  it('goes on after Last-Event-ID, which wins over what the document says', async () => {
    const fields = 'tick(count: 9, after: 2) { position }';
    const first = await readUntil(await subscribe(fields), (text) => text.includes('id: 5\n'));
    expect(first).toContain('id: 3\n');
    const again = await readUntil(await subscribe(fields, undefined, { 'last-event-id': '5' }), (text) => text.includes('id: 6\n'));
    expect(again).not.toContain('id: 5\ndata');
    const anew = await readUntil(await subscribe(fields, undefined, { 'last-event-id': 'anew' }), (text) => text.includes('id: 2\n'));
    expect(anew).toContain(':\n\nid: 0\n\nevent: next\nid: 1\n');
    for (const id of ['-1', 'x', '1.5', '5:%'])
      expect((await errorOf(await subscribe(fields, undefined, { accept: '*/*', 'last-event-id': id }))).extensions).toMatchObject({
        code: 'BAD_POSITION',
      });
  });

  it.each([
    ['while events come', 'tick { position }'],
    ['while it is quiet', 'tick(count: 2) { position }'],
    ['while it has not begun', 'tick(count: 0) { position }'],
    ['while nobody reads', 'tick(size: 1000000) { text }'],
  ])('lets go of its source when its reader leaves %s', async (_, fields) => {
    const leave = new AbortController();
    const response = await subscribe(fields, leave.signal);
    await response.body?.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    leave.abort();
    await until(() => seen.returned === 1 && seen.released.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([seen.watched, seen.returned, seen.released.length]).toEqual([1, 1, 1]);
  });

  it('that nobody reads is not buffered for, and neither is its server', async () => {
    const { port } = server;
    const body = JSON.stringify({ query: 'subscription { tick(size: 100000) { text } }' });
    const socket = connect(port, '127.0.0.1').pause();
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await until(() => seen.watched === 1);
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 100));
    // About a hundred ticks of 100 kB have come meanwhile.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6 * 1024 * 1024);
    // However long it reads nothing: it may be slow, or its network.
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6 * 1024 * 1024);
    expect(seen.returned).toBe(0);
    socket.destroy();
    await until(() => seen.returned === 1);
  });

  const raw = (http: string, query: string) => {
    const body = JSON.stringify({ query });
    const head = `POST /graphql HTTP/${http}\r\nhost: 127.0.0.1:${server.port}\r\naccept: text/event-stream, application/json;q=0.5`;
    return `${head}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
  /** What comes back on a connection of its own, until it has the text. */
  const answered = async (request: string, text: string) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
    socket.on('data', (data: string) => {
      answer += data;
    });
    socket.write(request);
    await until(() => answer.includes(text));
    socket.destroy();
    return answer;
  };

  it('has no chunks for a proxy of HTTP/1.0', async () => {
    const [head = '', events = ''] = (await answered(raw('1.0', 'subscription { tick(count: 3) { position } }'), 'id: 3')).split(
      '\r\n\r\n',
    );
    expect(head).not.toContain('chunked');
    const event = (at: number) => `event: next\nid: ${at}\ndata: {"data":{"tick":{"position":"${at}"}}}\n\n`;
    expect(events).toContain(event(1) + event(2) + event(3));
    expect(events).not.toContain('\r');
  });

  it('that stands behind another answer on its connection is told to come back', async () => {
    setTimeout(() => seen.letGo(), 100);
    const answer = await answered(raw('1.1', '{ slow }') + raw('1.1', 'subscription { tick(count: 3) { position } }'), 'retry:');
    expect(answer.indexOf('"slow"')).toBeLessThan(answer.indexOf('retry:'));
    expect(answer).toContain(': A stream does not wait behind another answer');
    expect(answer).not.toMatch(/event: complete|SHUTTING_DOWN/);
    await until(() => seen.watched === seen.returned);
  });

  it('shares one execution with all who ask the same, wherever each begins', async () => {
    const leave = new AbortController();
    const ask = (after: number) =>
      post(
        endpoint,
        { query: 'subscription($after: Int) { tick(after: $after) { position } }', variables: { after } },
        { accept: 'text/event-stream' },
      );
    const responses = await Promise.all([0, 1, 2].map(ask));
    const texts = await Promise.all(responses.map((response) => readUntil(response, (text) => text.includes('id: 20\n'))));
    expect(texts.map((text) => /id: (\d+)\ndata/.exec(text)?.[1])).toEqual(['1', '2', '3']);
    await until(() => seen.returned === 1);
    expect([seen.watched, seen.returned, seen.released.length]).toEqual([1, 1, 3]);
    leave.abort();
  });

  it('tells its reader when the source broke, masked, and ends', async () => {
    const text = await (await subscribe('tick(broken: 2) { position }')).text();
    expect(text).toContain('"code":"INTERNAL"');
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
    expect(text).not.toContain('secret');
    expect(seen.logs).toMatchObject([{ level: 50, err: { message: 'secret' } }]);
    expect(seen.released).toHaveLength(1);
  });

  it('that meets an overload ends without being complete: it is to be come back to', async () => {
    const text = await (await subscribe('tick(busy: 1) { position }')).text();
    expect(text).toMatch(/: OVERLOADED: come back.*\nretry: 1000\n\n$/);
    expect(text).not.toContain('complete');
  });

  it('that cannot read what a message leads to ends before the message, which comes when its reader comes back', async () => {
    const fields = 'tick(count: 3) { position related }';
    const event = (at: number) => `event: next\nid: ${at}\ndata: {"data":{"tick":{"position":"${at}","related":"of ${at}"}}}\n\n`;
    seen.awayFrom = 2;
    const text = await (await subscribe(fields)).text();
    expect(text).toMatch(/: OVERLOADED: come back.*\nretry: 1000\n\n$/);
    expect(text.match(/^id: .*$/gm)?.at(-1)).toBe('id: 1');
    expect(text).not.toContain('"errors"');
    const talker = await new Talker(endpoint).open();
    talker.say(socketSubscribe('a', `subscription { ${fields} }`));
    expect(await talker.closed()).toBe(1013);
    expect(talker.of('a')).toHaveLength(1);
    seen.awayFrom = undefined;
    const again = await subscribe(fields, undefined, { 'last-event-id': '1' });
    expect(await readUntil(again, (all) => all.includes('id: 3\ndata'))).toContain(event(2) + event(3));
  });

  it('is one of so many, and a place is free again when it ended', async () => {
    const leave = new AbortController();
    const open = await Promise.all([1, 2, 3].map(() => subscribe('tick(count: 1) { position }', leave.signal)));
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await post(
      endpoint,
      { query: 'subscription { tick { position } }' },
      { accept: 'application/json, text/event-stream' },
    );
    expect([refused.status, (await errorOf(refused)).extensions]).toMatchObject([503, { code: 'TOO_MANY_STREAMS', retryable: true }]);
    // An EventSource gives up at any other status.
    const later = await subscribe('tick { position }');
    expect([later.status, await later.text()]).toEqual([200, expect.stringMatching(/^: TOO_MANY_STREAMS: come back.*\nretry: 1000\n\n$/)]);
    leave.abort();
    await until(() => seen.returned === 1);
    const again = await subscribe('tick(count: 1) { position }');
    expect(again.status).toBe(200);
    await again.body?.cancel();
    await until(() => seen.returned === 2);
  });

  it('is refused as a stream where that is all the client takes', async () => {
    const text = await (await subscribe('nothing')).text();
    expect(text).toMatch(/^:\n\nevent: next\ndata: \{"errors".*GRAPHQL_VALIDATION_FAILED.*\}\n\nevent: complete\ndata:\n\n$/);
    expect(await (await post(endpoint, { query: '{ hello }' }, events)).text()).toContain('data: {"data":{"hello":"hello"}');
    const json = await post(endpoint, { query: 'subscription { tick { position } }' }, { accept: 'application/json' });
    expect([json.status, (await errorOf(json)).extensions]).toMatchObject([406, { code: 'NOT_ACCEPTABLE' }]);
  });

  it.each(Object.entries(hostile).filter(([, [, code]]) => code !== null))(
    'holds the limits of a document: %s',
    async (_, [query, code]) => {
      const text = await (await post(endpoint, { query: `${query} #subscription` }, events)).text();
      expect(text).toContain(`"code":"${code}"`);
    },
  );

  it('says while it is quiet how far it has come', async () => {
    const text = await readUntil(await subscribe('tick(count: 3) { position }'), (all) => all.includes('id: 3\n\nid: 3\n\n'));
    expect(text).toContain('id: 3\ndata');
  });
});

it('an execution is shared by those alone to whom the server says that it is the same', async () => {
  const server = await startTestServer({ sharedBy: ({ number }) => String(number % 2) });
  const ask = () => post(server.endpoint, { query: 'subscription { tick(count: 0) { position } }' }, events);
  const open = await Promise.all([ask(), ask(), ask()]);
  await until(() => server.seen.watched > 0);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([server.seen.contexts, server.seen.watched]).toEqual([3, 2]);
  for (const { body } of open) await body?.cancel();
  await until(() => server.seen.returned === 2 && server.seen.released.length === 3);
  await server.close();
});
