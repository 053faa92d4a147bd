import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from './client.ts';
import {
  CancelOrderDocument,
  ChangeUsernameDocument,
  DailySalesDocument,
  OrderDocument,
  PlaceOrderDocument,
  PositionDocument,
  ProductDocument,
  RegisterUserDocument,
  RestockProductDocument,
  ShipOrderDocument,
  UserByUsernameDocument,
  UserDocument,
} from './generated/graphql.ts';
import { pause } from './load.ts';
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

describe('an order', () => {
  test('is placed, paid and shipped, and every read table follows', async () => {
    expect(await api.register('life', 'Lifelong')).toMatchObject({ __typename: 'UserAccepted', replayed: false, user: { version: 1 } });
    expect(await api.add('life-1', 10, '3.39')).toMatchObject({ product: { price: '3.39', stock: 10, unitsSold: 0, version: 1 } });
    expect(await api.add('life-2', 5, '0.1005')).toMatchObject({ product: { price: '0.1005' } });
    const lines = [
      { sku: 'life-1', quantity: 2 },
      { sku: 'life-2', quantity: 3 },
      { sku: 'life-1', quantity: 1, unitPrice: '3' },
    ];
    const input = { orderId: 'life-1', userId: 'life', lines, placedAt: '2010-12-01T09:26:00+01:00' };
    const { placeOrder } = await api.data(PlaceOrderDocument, { input });
    const order = {
      orderId: 'life-1',
      status: 'OPEN',
      userId: 'life',
      username: 'Lifelong',
      user: { username: 'Lifelong' },
      lines: [
        { sku: 'life-1', name: 'Name of life-1', quantity: 2, unitPrice: '3.39', amount: '6.78', product: { stock: 7 } },
        { sku: 'life-2', name: 'Name of life-2', quantity: 3, unitPrice: '0.1005', amount: '0.3015', product: { stock: 2 } },
        { sku: 'life-1', name: 'Name of life-1', quantity: 1, unitPrice: '3.00', amount: '3.00', product: { stock: 7 } },
      ],
      total: '10.0815',
      placedAt: '2010-12-01T08:26:00Z',
      version: 1,
    };
    expect(placeOrder).toMatchObject({ __typename: 'OrderAccepted', order });
    expect((await api.data(OrderDocument, { orderId: 'life-1' })).order).toMatchObject(order);
    expect((await api.data(UserDocument, { userId: 'life' })).user).toMatchObject({ orderCount: 1, totalSpent: '10.0815' });
    expect((await api.data(DailySalesDocument, {})).dailySales.nodes).toEqual([
      { day: '2010-12-01', orders: 1, units: 6, revenue: '10.0815' },
    ]);

    const ship = async () => (await api.data(ShipOrderDocument, { input: { orderId: 'life-1' } })).shipOrder;
    expect(await ship()).toMatchObject({ __typename: 'OrderStatusConflict', code: 'ORDER_STATUS_CONFLICT' });
    expect(await api.pay('life-1')).toMatchObject({ order: { status: 'PAID', version: 2 } });
    expect(await api.pay('life-1')).toMatchObject({ code: 'ORDER_STATUS_CONFLICT', status: 'PAID' });
    expect(await ship()).toMatchObject({ order: { status: 'SHIPPED', version: 3 } });
    const cancelled = await api.data(CancelOrderDocument, { input: { orderId: 'life-1', reason: 'too late' } });
    expect(cancelled.cancelOrder).toMatchObject({ __typename: 'OrderStatusConflict' });
    expect(await api.stockOf('life-1')).toBe(7);
  });

  test('is cancelled, open or paid, and gives the stock, the sales and the money back', async () => {
    await api.register('fickle');
    await api.add('fickle', 10, '5');
    for (const orderId of ['fickle-1', 'fickle-2']) await api.place(orderId, 'fickle', 'fickle', 4, { placedAt: '2010-12-24T12:00:00Z' });
    expect(await api.stockOf('fickle')).toBe(2);
    expect(await api.place('fickle-3', 'fickle', 'fickle', 3)).toMatchObject({ __typename: 'OutOfStock', requested: 3, available: 2 });
    await api.pay('fickle-2');
    for (const orderId of ['fickle-1', 'fickle-2']) {
      const { cancelOrder } = await api.data(CancelOrderDocument, { input: { orderId, reason: 'no longer wanted' } });
      expect(cancelOrder).toMatchObject({ order: { status: 'CANCELLED' } });
    }
    expect((await api.data(ProductDocument, { sku: 'fickle' })).product).toMatchObject({ stock: 10, unitsSold: 0, version: 1 });
    expect((await api.data(UserDocument, { userId: 'fickle' })).user).toMatchObject({
      orderCount: 0,
      totalSpent: '0.00',
      orders: { totalCount: 2 },
    });
    const { dailySales } = await api.data(DailySalesDocument, {});
    expect(dailySales.nodes.find(({ day }) => day === '2010-12-24')).toEqual({ day: '2010-12-24', orders: 0, units: 0, revenue: '0.00' });
    await api.data(RestockProductDocument, { input: { sku: 'fickle', quantity: 5 } });
    expect(await api.place('fickle-4', 'fickle', 'fickle', 15)).toMatchObject({ __typename: 'OrderAccepted' });
  });

  test('is refused in words where something that it names is not there, or it is', async () => {
    await api.register('namer');
    await api.add('named', 1);
    expect(await api.place('name-1', 'nobody', 'named', 1)).toMatchObject({
      code: 'USER_NOT_FOUND',
      message: 'There is no user "nobody".',
    });
    expect(await api.place('name-1', 'namer', 'nothing', 1)).toMatchObject({ code: 'PRODUCT_NOT_FOUND' });
    expect(await api.pay('name-1')).toMatchObject({ code: 'ORDER_NOT_FOUND', message: 'There is no order "name-1".' });
    await api.place('name-1', 'namer', 'named', 1);
    expect(await api.place('name-1', 'namer', 'named', 1)).toMatchObject({ code: 'ORDER_EXISTS' });
    expect(await api.add('named', 5)).toMatchObject({ code: 'PRODUCT_EXISTS' });
  });
});

describe('many at once', () => {
  test('of 20 registrations of one username in different cases, one is accepted', async () => {
    const cases = ['Racer', 'racer', 'RACER', 'raceR', ' racer '];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => api.register(`racer-${i}`, cases[i % cases.length])));
    expect(answers.map((answer) => answer.__typename).sort()).toEqual([
      ...Array(1).fill('UserAccepted'),
      ...Array(19).fill('UsernameTaken'),
    ]);
    const { userByUsername } = await api.data(UserByUsernameDocument, { username: 'rAcEr' });
    const winner = answers.findIndex((answer) => answer.__typename === 'UserAccepted');
    expect(userByUsername?.userId).toBe(`racer-${winner}`);
    // Given up, the name is free again, for one.
    await api.data(ChangeUsernameDocument, { input: { userId: `racer-${winner}`, username: 'Resting' } });
    const again = await Promise.all(Array.from({ length: 20 }, (_, i) => api.register(`late-racer-${i}`, cases[i % cases.length])));
    expect(again.filter((answer) => answer.__typename === 'UserAccepted')).toHaveLength(1);
  });

  test('of 50 orders for a stock of 40, as many are accepted as there is stock', async () => {
    await api.register('crowd');
    await api.add('scarce', 40);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => api.place(`crowd-${i}`, 'crowd', 'scarce', 3)));
    expect(answers.filter(({ __typename }) => __typename === 'OrderAccepted')).toHaveLength(13);
    expect(answers.filter(({ __typename }) => __typename === 'OutOfStock')).toHaveLength(37);
    expect((await api.data(ProductDocument, { sku: 'scarce' })).product).toMatchObject({ stock: 1, unitsSold: 39 });
    expect((await api.data(UserDocument, { userId: 'crowd' })).user).toMatchObject({ orderCount: 13 });
  });

  test('a command sent ten times at once takes effect once, and all ten hear the same', async () => {
    await api.register('tenfold');
    await api.add('tenfold', 10);
    const send = () => api.place('tenfold-1', 'tenfold', 'tenfold', 2, { commandId: 'ten-times' });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    const positions = answers.map((answer) => (answer.__typename === 'OrderAccepted' ? answer.position : answer.__typename));
    expect(new Set(positions).size).toBe(1);
    expect(answers.filter((answer) => 'replayed' in answer && answer.replayed)).toHaveLength(9);
    expect(await send()).toMatchObject({ replayed: true, position: positions[0] });
    expect(await api.stockOf('tenfold')).toBe(8);
    const position = await api.position();
    expect(await api.place('tenfold-1', 'tenfold', 'tenfold', 3, { commandId: 'ten-times' })).toMatchObject({
      __typename: 'CommandIdReused',
      code: 'COMMAND_ID_REUSED',
    });
    expect(await api.position()).toBe(position);
  });
});

describe('a user', () => {
  test('who takes another name has it on every order, and only where the version is right', async () => {
    await api.register('renamed', 'Before');
    await api.add('renamed', 10);
    for (const orderId of ['renamed-1', 'renamed-2', 'renamed-3']) await api.place(orderId, 'renamed', 'renamed', 1);
    const rename = async (username: string, expectedVersion: number) =>
      (await api.data(ChangeUsernameDocument, { input: { userId: 'renamed', username }, options: { expectedVersion } })).changeUsername;
    expect(await rename('After', 7)).toMatchObject({ __typename: 'VersionConflict', expected: 7, actual: 1 });
    expect(await rename('After', 1)).toMatchObject({ __typename: 'UserAccepted', user: { username: 'After', version: 2 } });
    expect(await rename('Later', 1)).toMatchObject({ __typename: 'VersionConflict', expected: 1, actual: 2 });
    const { user } = await api.data(UserDocument, { userId: 'renamed' });
    expect(user?.orders.nodes.map(({ orderId, username }) => [orderId, username])).toEqual([
      ['renamed-1', 'After'],
      ['renamed-2', 'After'],
      ['renamed-3', 'After'],
    ]);
    expect(user?.history.edges.map(({ node: { type, version } }) => [type, version])).toEqual([
      ['UserRegistered', 1],
      ['UsernameChanged', 2],
    ]);
  });
});

describe('positions', () => {
  test('a mutation says its own, and a query at least that one where it is asked to', async () => {
    const answer = await api.ask(RegisterUserDocument, { input: { userId: 'seer', username: 'seer' } });
    const registered = answer.data?.registerUser;
    const position = registered?.__typename === 'UserAccepted' ? registered.position : '';
    expect(position).toMatch(/^[1-9]\d*$/);
    expect(answer.extensions?.position).toBe(position);
    const seen = await api.ask(UserDocument, { userId: 'seer' }, { 'varve-at-least': position });
    expect(seen.data?.user?.username).toBe('seer');
    expect(seen.extensions?.position).toBe(position);
    expect((await api.ask(PositionDocument, {})).data?.position).toBe(position);
  });

  test('a query waits for one that is about to be reached', async () => {
    const next = String((await api.position()) + 1);
    const waiting = api.ask(UserDocument, { userId: 'awaited' }, { 'varve-at-least': next });
    await pause(50);
    await api.register('awaited');
    expect(await waiting).toMatchObject({ data: { user: { username: 'awaited' } }, extensions: { position: next } });
  });

  test('one that is not reached is said after 5 s, one that is none at once', async () => {
    const post = async (position: string) => {
      const response = await api.post({ query: '{ position }' }, { 'varve-at-least': position });
      return [response.status, codeOf(await response.json())];
    };
    for (const position of ['soon', '-1', '01', '1e3', '99999999999999999']) expect(await post(position)).toEqual([400, 'BAD_POSITION']);
    const begun = performance.now();
    expect(await post('1000000')).toEqual([504, 'POSITION_NOT_REACHED']);
    expect(performance.now() - begun).toBeGreaterThan(4_900);
  });
});
