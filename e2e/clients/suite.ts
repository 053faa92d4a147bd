import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { assert } from '#base';
import { overSse, overWebSocket } from '../../docs/examples/clients/resume.ts';
import { ChangeUsernameDocument } from '../generated/graphql.ts';
import { startProxy, type TcpProxy } from '../proxy.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { shopClient } from '../shop-client.ts';
import type { Message, OpenView, Order, ShopView } from './shop-view.ts';

type Api = ReturnType<typeof shopClient>;

/** A page, and two ways to the server that a test can disturb: its streams', and that of everything else. */
interface World {
  readonly api: Api;
  readonly view: ShopView;
  readonly streams: TcpProxy;
  readonly answers: TcpProxy;
  /** A user with so many orders of one line each, of names that no other test has. */
  seed(orders: number): Promise<Seeded>;
}

interface Seeded {
  readonly userId: string;
  readonly orderIds: readonly string[];
  /** Renames the user; answers at which position. */
  rename(username: string): Promise<string>;
}

const soon = { timeout: 15_000, interval: 5 };
/** Waits until a list has so many entries. */
const until = (list: readonly unknown[], length: number) => vi.waitFor(() => expect(list.length).toBeGreaterThanOrEqual(length), soon);

/** Tries again at once, as a test wants it. */
const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 20));
const transports = [
  ['SSE', (url: string) => overSse(url, wait)],
  ['WebSocket', (url: string) => overWebSocket(url, wait)],
] as const;

const positionOf = (answer: object): string => {
  if ('position' in answer && typeof answer.position === 'string') return answer.position;
  throw new Error(`not accepted: ${JSON.stringify(answer)}`);
};

let seeds = 0;
async function seed(api: Api, orders: number): Promise<Seeded> {
  seeds += 1;
  const userId = `user${seeds}`;
  await api.register(userId);
  const orderIds = Array.from({ length: orders }, (_, i) => `${userId}-order${i}`);
  for (const orderId of orderIds) await api.place(orderId, userId, 'thing', 1);
  const rename = async (username: string) =>
    positionOf((await api.data(ChangeUsernameDocument, { input: { userId, username } })).changeUsername);
  return { userId, orderIds, rename };
}

/** What every client has to show, over both transports, with the helper of docs/clients.md for it. */
export function liveOrdersSuite(name: string, open: OpenView): void {
  const folder = temporaryFolder();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServerProcess(folder.path);
    await shopClient(server.url).add('thing', 10_000);
  }, 60_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  describe.each(transports)(`${name} over %s`, (_, connect) => {
    let world: World;
    beforeAll(async () => {
      const [api, streams, answers] = [shopClient(server.url), await startProxy(server.url), await startProxy(server.url)];
      const view = open(answers.url, connect(streams.url));
      world = { api, streams, answers, view, seed: (orders) => seed(api, orders) };
    });
    afterAll(async () => {
      world.view[Symbol.dispose]();
      await world.streams[Symbol.asyncDispose]();
      await world.answers[Symbol.asyncDispose]();
    });
    resumes(() => world);
    keepsTheNewer(() => world);
  });
}

function resumes(world: () => World): void {
  test('begins with what is there, and goes on with each change', async () => {
    const { view, api, seed } = world();
    const { orderIds } = await seed(1);
    const [orderId = ''] = orderIds;
    const messages: Message[] = [];
    view.follow(orderId, (message) => messages.push(message));
    await until(messages, 1);
    expect(messages[0]).toMatchObject({ kind: 'SNAPSHOT', orderId, order: { status: 'OPEN', lines: [{ sku: 'thing', quantity: 1 }] } });
    const position = positionOf(await api.pay(orderId));
    await until(messages, 2);
    expect(messages[1]).toMatchObject({ kind: 'CHANGED', position, orderId, order: { status: 'PAID' } });
    // One object under its id, whichever operation it came by.
    const shipped = await view.ship(orderId);
    assert(shipped, 'not shipped');
    if (view.cached) expect(view.cached(shipped)).toMatchObject({ __typename: 'Order', id: shipped.id, status: 'SHIPPED' });
    await until(messages, 3);
    expect(messages[2]?.order?.id).toBe(shipped.id);
  });

  test('goes on where it was cut off: one order', async () => {
    const { view, api, streams, seed } = world();
    const { orderIds, rename } = await seed(1);
    const [orderId = ''] = orderIds;
    const messages: Message[] = [];
    view.follow(orderId, (message) => messages.push(message));
    await until(messages, 1);
    const expected = [String(await api.position()), positionOf(await api.pay(orderId))];
    await until(messages, 2);
    streams.refuse();
    for (let i = 0; i < 5; i += 1) expected.push(await rename(`${orderId}-${i}`));
    streams.accept();
    await until(messages, 7);
    // Cut again, and again: what came is not sent anew.
    for (let i = 5; i < 8; i += 1) {
      streams.cut();
      expected.push(await rename(`${orderId}-${i}`));
      await until(messages, expected.length);
    }
    expect(messages.map(({ position }) => position)).toEqual(expected);
    expect(messages.map(({ kind }) => kind)).toEqual(['SNAPSHOT', ...Array.from({ length: 9 }, () => 'CHANGED')]);
    expect(messages.at(-1)?.order).toMatchObject({ status: 'PAID', username: `${orderId}-7` });
  });

  test('goes on where it was cut off: many orders, also amid those that one event changed', async () => {
    const { view, api, streams, seed } = world();
    const { userId, orderIds, rename } = await seed(20);
    const seen: string[] = [];
    const expected: string[] = [];
    view.followAll({ filter: { userId }, after: String(await api.position()) }, ({ position, orderId }) => {
      seen.push(`${position} ${orderId}`);
    });
    for (const [username, bytes] of [
      [`${userId}-cut`, 1_000],
      [`${userId}-again`, 3_000],
    ] as const) {
      const cut = streams.cutAfter(bytes);
      const position = await rename(username);
      expected.push(...orderIds.toSorted().map((orderId) => `${position} ${orderId}`));
      await cut;
      await until(seen, expected.length);
    }
    streams.refuse();
    expected.push(`${positionOf(await api.pay(orderIds[3] ?? ''))} ${orderIds[3]}`);
    expected.push(`${positionOf(await api.pay(orderIds[1] ?? ''))} ${orderIds[1]}`);
    streams.accept();
    await until(seen, expected.length);
    expect(seen).toEqual(expected);
  });
}

function keepsTheNewer(world: () => World): void {
  test('does not let a message that comes late overwrite what an answer has brought', async () => {
    const { view, api, streams, seed } = world();
    const { orderIds } = await seed(1);
    const [orderId = ''] = orderIds;
    const messages: Message[] = [];
    const shown: Order[] = [];
    view.watch(orderId, (order) => shown.push(order));
    view.follow(orderId, (message) => messages.push(message));
    await until(messages, 1);
    await until(shown, 1);
    streams.hold();
    const paid = positionOf(await api.pay(orderId));
    await vi.waitFor(() => expect(streams.heldBytes).toBeGreaterThan(0), soon);
    expect(await view.ship(orderId)).toMatchObject({ status: 'SHIPPED' });
    await vi.waitFor(() => expect(shown.at(-1)).toMatchObject({ status: 'SHIPPED' }), soon);
    streams.release();
    await until(messages, 3);
    expect(messages.slice(1).map(({ position, order }) => [position, order?.status])).toEqual([
      [paid, 'SHIPPED'],
      [String(Number(paid) + 1), 'SHIPPED'],
    ]);
    expect([...new Set(shown.map(({ status }) => status))]).toEqual(['OPEN', 'SHIPPED']);
    expect(shown.at(-1)).toMatchObject({ status: 'SHIPPED' });
  });

  test('does not let an answer that comes late overwrite what a message has brought, of the same version too', async () => {
    const { view, answers, seed } = world();
    const { orderIds, rename } = await seed(1);
    const [orderId = ''] = orderIds;
    const messages: Message[] = [];
    const shown: Order[] = [];
    view.watch(orderId, (order) => shown.push(order));
    view.follow(orderId, (message) => messages.push(message));
    await until(messages, 1);
    await until(shown, 1);
    answers.hold();
    const paying = view.pay(orderId);
    await vi.waitFor(() => expect(answers.heldBytes).toBeGreaterThan(0), soon);
    const username = `${orderId}-renamed`;
    await rename(username);
    await until(messages, 3);
    expect(messages.at(-1)?.order).toMatchObject({ username, version: messages[1]?.order?.version });
    answers.release();
    expect(await paying).toMatchObject({ status: 'PAID', username });
    await vi.waitFor(() => expect(shown.at(-1)).toMatchObject({ status: 'PAID', username }), soon);
    const usernames = shown.map((order) => order.username);
    expect(usernames.lastIndexOf(shown[0]?.username ?? ''), 'the older name came back').toBeLessThan(usernames.indexOf(username));
  });
}
