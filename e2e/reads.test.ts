import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#base';
import { type Answer, codeOf, subscribe } from './client.ts';
import {
  ChangeUsernameDocument,
  EventsDocument,
  type EventsQuery,
  LogEventsDocument,
  NodeDocument,
  NodesDocument,
  OrderChangedDocument,
  OrderDocument,
  OrdersChangedDocument,
  OrdersDocument,
  type OrdersQuery,
  type OrdersQueryVariables,
  PlaceOrderDocument,
  ProductsDocument,
  UserDocument,
} from './generated/graphql.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';

const folder = temporaryFolder();
let server: ServerProcess;
let api: ReturnType<typeof shopClient>;
beforeAll(async () => {
  server = await startServerProcess(folder.path);
  api = shopClient(server.url);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('reading', () => {
  beforeAll(async () => {
    await api.register('reader');
    await api.add('reading-A', 100, '1');
    for (let day = 1; day <= 7; day += 1)
      await api.place(`reading-${day}`, 'reader', 'reading-A', 8 - day, { placedAt: `2011-01-0${day}T10:00:00Z` });
    for (const day of [2, 4]) await api.pay(`reading-${day}`);
  });
  const filter = { userId: 'reader' };
  const ids = (page: OrdersQuery) => page.orders.edges.map(({ node }) => node.orderId.slice('reading-'.length)).join('');

  test('objects by their global ids, in their order', async () => {
    const [one, other] = [
      (await api.data(OrderDocument, { orderId: 'reading-1' })).order?.id ?? '',
      (await api.data(UserDocument, { userId: 'reader' })).user?.id ?? '',
    ];
    expect((await api.data(NodeDocument, { id: one })).node).toEqual({ __typename: 'Order', id: one, orderId: 'reading-1' });
    expect((await api.data(NodesDocument, { ids: [other, 'bm8=', one, other, 'nonsense'] })).nodes).toEqual([
      { __typename: 'User', id: other },
      null,
      { __typename: 'Order', id: one },
      { __typename: 'User', id: other },
      null,
    ]);
  });

  test('pages forwards and backwards, which stay where they are while rows are written', async () => {
    const first = await api.data(OrdersDocument, { filter, first: 3 });
    expect([ids(first), first.orders.totalCount]).toEqual(['123', 7]);
    expect(first.orders.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    await api.place('reading-0', 'reader', 'reading-A', 1, { placedAt: '2011-01-01T09:00:00Z' });
    const second = await api.data(OrdersDocument, { filter, first: 3, after: first.orders.pageInfo.endCursor });
    expect([ids(second), second.orders.totalCount]).toEqual(['456', 8]);
    const third = await api.data(OrdersDocument, { filter, first: 3, after: second.orders.pageInfo.endCursor });
    expect([ids(third), third.orders.pageInfo.hasNextPage, third.orders.pageInfo.hasPreviousPage]).toEqual(['7', false, true]);
    const back = await api.data(OrdersDocument, { filter, last: 2, before: second.orders.pageInfo.startCursor });
    expect([ids(back), back.orders.pageInfo.hasPreviousPage]).toEqual(['23', true]);
    expect(ids(await api.data(OrdersDocument, { filter, last: 2 }))).toBe('67');
  });

  test('filters, order and search', async () => {
    const by = async (variables: OrdersQueryVariables) => ids(await api.data(OrdersDocument, variables));
    expect(await by({ filter: { ...filter, status: ['PAID'] } })).toBe('24');
    expect(await by({ filter: { ...filter, placedFrom: '2011-01-03T00:00:00Z', placedBefore: '2011-01-05T10:00:00Z' } })).toBe('34');
    expect(await by({ filter: { ...filter, status: ['CANCELLED'] } })).toBe('');
    expect(await by({ filter: { ...filter, status: ['OPEN'] }, orderBy: { field: 'TOTAL', direction: 'DESC' }, first: 3 })).toBe('135');
    const found = await api.data(ProductsDocument, { search: 'OF READING-a' });
    expect([found.products.totalCount, found.products.nodes.map(({ sku }) => sku)]).toEqual([1, ['reading-A']]);
    const wrong = await api.ask(OrdersDocument, { filter, after: found.products.pageInfo.endCursor ?? '' });
    expect(codeOf(wrong)).toBe('BAD_CURSOR');
  });

  test('a query that fails while parts of it are still read holds nothing back: others are answered as before', async () => {
    const rest = 'orders { nodes { orderId user { userId } lines { product { sku } } } }';
    const query = `{ events(first: -1) { nodes { type } } order(orderId: "reading-1") { user { userId ${rest} } } }`;
    for (let i = 0; i < 2 * limits.snapshotsMax; i += 1) {
      const answer = await (await api.post({ query })).json();
      expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    }
    expect(await api.position()).toBeGreaterThan(0);
  });

  test('orders of many lines: read without them at once, with them only so far', async () => {
    const lines = Array.from({ length: 2_000 }, () => ({ sku: 'reading-A', quantity: 1 }));
    await api.add('reading-B', 100_000);
    for (let i = 0; i < 5; i += 1) {
      const input = { orderId: `long-${i}`, userId: 'reader', lines: lines.map((line) => ({ ...line, sku: 'reading-B' })) };
      expect((await api.data(PlaceOrderDocument, { input })).placeOrder).toMatchObject({ __typename: 'OrderAccepted' });
    }
    const ask = async (query: string) => (await (await api.post({ query })).json()) as Answer<Record<string, unknown>>;
    const long = 'orders(first: 5, filter: { placedFrom: "2020-01-01T00:00:00Z" })';
    const whole = await ask(`{ ${long} { nodes { orderId total lines { sku amount product { name } } } } }`);
    expect(JSON.stringify(whole).match(/Name of reading-B/g)).toHaveLength(10_000);
    expect(
      codeOf(await ask(`{ ${long} { nodes { lines { ${Array.from({ length: 30 }, (_, i) => `a${i}: amount`).join(' ')} } } } }`)),
    ).toBe('DOCUMENT_TOO_COSTLY');
    const begun = performance.now();
    const { data } = await ask(
      `{ ${long} { nodes { user { orders(first: 200) { nodes { user { orders(first: 9) { nodes { version } } } } } } } } }`,
    );
    expect(data).toBeTruthy();
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test('the log, page by page, by stream and by type', async () => {
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { events }: EventsQuery = await api.data(EventsDocument, { first: 50, after });
      seen.push(...events.edges.map(({ node }) => node.position));
      [after, more] = [events.pageInfo.endCursor, events.pageInfo.hasNextPage];
    }
    expect(seen).toEqual(Array.from({ length: await api.position() }, (_, i) => String(i + 1)));
    const { events } = await api.data(EventsDocument, { stream: 'order-reading-2' });
    expect(events.edges.map(({ node: { type, version } }) => [type, version])).toEqual([
      ['OrderPlaced', 1],
      ['OrderPaid', 2],
    ]);
    const paid = await api.data(EventsDocument, { types: ['OrderPaid'] });
    expect(new Set(paid.events.edges.map(({ node }) => node.type))).toEqual(new Set(['OrderPaid']));
  });
});

describe('live', () => {
  beforeAll(async () => {
    await api.register('watcher');
    await api.add('watched', 100);
  });

  test('an order that is not placed yet, and all that becomes of it', async () => {
    await using stream = await subscribe(server.url, OrderChangedDocument, { orderId: 'watched-1' });
    const start = await stream.message();
    expect(start?.data?.orderChanged).toMatchObject({ kind: 'SNAPSHOT', orderId: 'watched-1', order: null, cause: null });
    expect(start?.id).toBe(String(await api.position()));
    await api.place('watched-0', 'watcher', 'watched', 1);
    await api.place('watched-1', 'watcher', 'watched', 1, { commandId: 'watch-me' });
    const placed = await stream.message();
    const position = String(await api.position());
    expect(placed).toEqual({
      id: position,
      data: {
        orderChanged: {
          kind: 'CHANGED',
          position,
          orderId: 'watched-1',
          order: { status: 'OPEN', username: 'watcher', version: 1 },
          cause: { type: 'OrderPlaced', position, commandId: 'watch-me' },
        },
      },
    });
    await api.pay('watched-1');
    expect((await stream.next()).orderChanged).toMatchObject({ kind: 'CHANGED', order: { status: 'PAID', version: 2 } });
    await api.data(ChangeUsernameDocument, { input: { userId: 'watcher', username: 'Observer' } });
    expect((await stream.next()).orderChanged).toMatchObject({ order: { username: 'Observer' }, cause: { type: 'UsernameChanged' } });
    await using again = await subscribe(server.url, OrderChangedDocument, { orderId: 'watched-1', after: placed?.id });
    expect((await again.next()).orderChanged).toMatchObject({ kind: 'CHANGED', order: { status: 'PAID' } });
  });

  test('orders that a filter lets through, and those that it no longer does', async () => {
    await api.register('filtered');
    await api.place('filtered-1', 'filtered', 'watched', 1);
    await using stream = await subscribe(server.url, OrdersChangedDocument, {
      filter: { userId: 'filtered', status: ['OPEN'] },
      snapshot: 10,
    });
    expect((await stream.next()).ordersChanged).toMatchObject({ kind: 'SNAPSHOT', orderId: 'filtered-1', order: { status: 'OPEN' } });
    await api.place('filtered-2', 'filtered', 'watched', 1);
    await api.pay('filtered-2');
    await api.pay('filtered-1');
    expect((await stream.next()).ordersChanged).toMatchObject({ kind: 'CHANGED', orderId: 'filtered-2' });
    expect((await stream.next()).ordersChanged).toMatchObject({ kind: 'REMOVED', orderId: 'filtered-2', order: null });
    expect((await stream.next()).ordersChanged).toMatchObject({ kind: 'REMOVED', orderId: 'filtered-1', order: null });
  });

  test('the whole log from its beginning, and on from there', async () => {
    await using stream = await subscribe(server.url, LogEventsDocument, { after: '0' });
    const last = await api.position();
    for (let position = 1; position <= last; position += 1) {
      const message = await stream.message();
      expect([message?.id, message?.data?.events.position]).toEqual([String(position), String(position)]);
    }
    await api.register('logged');
    expect((await stream.next()).events).toEqual({ position: String(last + 1), type: 'UserRegistered', stream: 'user-logged' });
  });

  test('a stream after a position that is not there yet is told so', async () => {
    const refused = await api.post(
      { query: String(LogEventsDocument), variables: { after: '1000000' } },
      { accept: 'application/graphql-response+json, text/event-stream' },
    );
    expect([refused.status, codeOf((await refused.json()) as Answer<unknown>)]).toEqual([400, 'POSITION_AHEAD']);
  });

  // The last test: it stops the server.
  test('streams that still run end when the server stops, and are not said to be complete', async () => {
    const quiet = await subscribe(server.url, OrderChangedDocument, { orderId: 'never' });
    await quiet.next();
    const log = await subscribe(server.url, LogEventsDocument, {});
    const ended = Promise.allSettled([quiet.message(), log.message()]);
    const begun = performance.now();
    expect(await server.end('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan(limits.shutdownWaitMs);
    const brokenOff = { status: 'rejected', reason: new Error('the stream broke off') };
    expect(await ended).toEqual([brokenOff, brokenOff]);
    expect(server.log()).not.toContain('"level":50');
  });
});
