import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, post, startTestServer, until } from './server.fixture.ts';
import { eventStream } from './sse.ts';

const events = { accept: 'text/event-stream' };

describe('a live stream', async () => {
  const server = await startTestServer({ streamsMax: 3 });
  const { seen, endpoint } = server;
  afterAll(() => server.close());
  beforeEach(() => {
    seen.returned = 0;
    seen.released.length = 0;
    seen.logs.length = 0;
  });
  const subscribe = (fields: string, signal?: AbortSignal): Promise<Response> =>
    fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...events },
      body: JSON.stringify({ query: `subscription { ${fields} }` }),
      signal: signal ?? null,
    });

  it('is a stream of events whose ids are positions, and ends with its source', async () => {
    const response = await subscribe('tick(count: 2) { position }');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(await response.text()).toBe(
      ':\n\nevent: next\nid: 1\ndata: {"data":{"tick":{"position":"1"}}}\n\n' +
        'event: next\nid: 2\ndata: {"data":{"tick":{"position":"2"}}}\n\nevent: complete\ndata:\n\n',
    );
    expect(seen.released).toHaveLength(1);
  });

  it('is asked for by GET too, as EventSource does', async () => {
    const response = await fetch(`${endpoint}?query=${encodeURIComponent('subscription { tick(count: 1) { text } }')}`, {
      headers: events,
    });
    expect(await response.text()).toContain('event: next\ndata: {"data":{"tick":{"text":"x"}}}\n\n');
  });

  it.each([
    ['while events come', 'tick { position }'],
    ['while it waits for one', 'tick(quiet: 2) { position }'],
    ['while it has not begun', 'tick(quiet: 1) { position }'],
    ['while nobody reads', 'tick(size: 1000000) { text }'],
  ])('returns to its source when its reader leaves %s', async (_, fields) => {
    const leave = new AbortController();
    const response = await subscribe(fields, leave.signal);
    await response.body?.getReader().read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    leave.abort();
    await until(() => seen.returned === 1 && seen.released.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([seen.returned, seen.released.length]).toEqual([1, 1]);
  });

  it('tells its reader when the source broke, masked, and ends', async () => {
    const text = await (await subscribe('tick(broken: 2) { position }')).text();
    expect(text).toContain('id: 1');
    expect(text).toContain('"code":"INTERNAL"');
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
    expect(text).not.toContain('secret');
    expect(seen.logs).toMatchObject([{ level: 50, err: { message: 'secret' } }]);
    expect(seen.released).toHaveLength(1);
  });

  it('is one of so many, and a place is free again when it ended', async () => {
    const leave = new AbortController();
    const open = await Promise.all([1, 2, 3].map(() => subscribe('tick(quiet: 2) { position }', leave.signal)));
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await post(
      endpoint,
      { query: 'subscription { tick { position } }' },
      { accept: 'application/json, text/event-stream' },
    );
    expect([refused.status, (await errorOf(refused)).extensions]).toMatchObject([503, { code: 'TOO_MANY_STREAMS', retryable: true }]);
    leave.abort();
    await until(() => seen.returned === 3);
    expect((await subscribe('tick(count: 1) { position }')).status).toBe(200);
  });

  it('is refused as a stream where that is all the client takes', async () => {
    const text = await (await subscribe('nothing')).text();
    expect(text).toMatch(/^:\n\nevent: next\ndata: \{"errors".*GRAPHQL_VALIDATION_FAILED.*\}\n\nevent: complete\ndata:\n\n$/);
    expect(await (await post(endpoint, { query: '{ hello }' }, events)).text()).toContain('data: {"data":{"hello":"hello"}');
  });

  it('beats while it is quiet', async () => {
    const text = { result: () => '', failure: () => '' };
    const quiet = { next: () => new Promise<IteratorResult<never>>(() => undefined) };
    const reader = eventStream(quiet, text, 5).getReader();
    for (let beats = 0; beats < 3; beats += 1) expect(new TextDecoder().decode((await reader.read()).value)).toBe(':\n\n');
    await reader.cancel();
  });
});
