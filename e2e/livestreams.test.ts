import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { follow, type Reading } from '../src/livestream/trail.fixture.ts';
import { AddProductDocument, ChangeUsernameDocument, PlaceOrderDocument } from './generated/graphql.ts';
import { pause } from './load.ts';
import { startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';
import { ShopLedger } from './streams/ledger.ts';
import { playRound, type Round, readLog, settle } from './streams/round.ts';
import { rowStream, rowsStream, type ShopStream } from './streams/streams.ts';
import { Subscriber } from './streams/subscriber.ts';

const numbersOf = ({ subscribers: _, ledger: __, ...numbers }: Round) => numbers;

/** Readings with a change of their second change, which stands between two others: there it shows. */
const doctored = ({ subscribers, ledger }: Round, change: (told: Reading['told'], i: number) => Reading['told']) =>
  subscribers.flatMap(({ stream, readings }) =>
    readings.flatMap((reading) => {
      const kinds = reading.told.map((one) => ('said' in one ? one.said.kind : 'PLACE'));
      const [, second, third] = kinds.flatMap((kind, i) => (['CHANGED', 'REMOVED', 'EVENT'].includes(kind) ? [i] : []));
      if (second === undefined || third === undefined || kinds.includes('RESYNC')) return [];
      return [() => follow(stream.script(ledger), { ...reading, told: change(reading.told, second) })];
    }),
  );

test('whoever subscribes again and again while everyone writes misses nothing and hears nothing twice', async () => {
  const round = await playRound({ seed: 1, lives: 1, lifeMs: 1_000, lifeCommands: 200, beginnings: ['anew'], patienceMs: 60 });
  console.log(JSON.stringify(numbersOf(round)));
  expect(round.snapshots).toBeGreaterThan(100);
}, 120_000);

test('whoever stalls and is cut off, by the death of a server too, goes on over any transport', async () => {
  const beginnings = ['on', 'on', 'on', 'on', 'earlier', 'anew'] as const;
  const round = await playRound({ seed: 2, lives: 2, lifeMs: 1_000, lifeCommands: 200, beginnings, patienceMs: 300 });
  console.log(JSON.stringify(numbersOf(round)));
  expect(round.messages).toBeGreaterThan(1_000);
  const lost = doctored(round, (told, i) => told.toSpliced(i, 1));
  const doubled = doctored(round, (told, i) => told.toSpliced(i, 0, ...told.slice(i, i + 1)));
  expect(lost.length).toBeGreaterThan(10);
  for (const checking of [...lost, ...doubled]) expect(checking).toThrow();
}, 120_000);

const wide = { lines: 450, name: 'w'.repeat(200) };

/** The stream with more in each message, some 360 kB; what is checked is the rest. */
const widened = (stream: ShopStream): ShopStream => ({
  ...stream,
  query: stream.query.replace('total', `total ${['a', 'b', 'c', 'd'].map((alias) => `${alias}: lines { name }`).join(' ')}`),
  saidIn: (data) => {
    const said = stream.saidIn(data);
    if (said.what === null) return said;
    const { a: _, b: __, c: ___, d: ____, ...what } = said.what as Record<string, unknown>;
    return { ...said, what };
  },
});

/** Asks for a stream and never reads it. */
function neverRead(url: string, { query, variables }: ShopStream): Socket {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ query, variables });
  const head = `POST /graphql HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const socket = connect(Number(port), hostname).pause();
  socket.on('error', () => {});
  socket.write(`${head}\r\n\r\n${body}`);
  return socket;
}

const residentMiB = (pid: number) => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** A server with one large order, whose buyer is renamed again and again: as fast as `readers` read it. */
async function renaming(url: string, readers: readonly Subscriber[]): Promise<(count: number) => Promise<void>> {
  const api = shopClient(url);
  await api.register('hot');
  await api.data(AddProductDocument, { input: { sku: 'wide', name: wide.name, price: '1', stock: 1_000 } });
  const lines = Array.from({ length: wide.lines }, () => ({ sku: 'wide', quantity: 1 }));
  await api.data(PlaceOrderDocument, { input: { orderId: 'hot', userId: 'hot', lines } });
  let position = await api.position();
  return async (count) => {
    for (let i = 0; i < count; i += 1) {
      position += 1;
      await api.data(ChangeUsernameDocument, { input: { userId: 'hot', username: `Hot ${position}` } });
      while (readers.some((reader) => reader.position < position - 2)) await pause(1);
    }
  };
}

test('readers that never read cost little memory, harm no one, and begin anew when they read again', async () => {
  using folder = temporaryFolder();
  await using server = await startServerProcess(folder.path);
  const one = widened(rowStream('orders', 'hot'));
  const many = widened(rowsStream('orders', 0, { userId: 'hot' }, ({ userId }) => userId === 'hot'));
  const [honest, stalled] = [[one, many].map((stream) => new Subscriber(stream)), [one, many].map((stream) => new Subscriber(stream))];
  const rename = await renaming(server.url, honest);
  const bySse = { url: server.url, chance: () => 0, position: 0 };
  for (const subscriber of [...honest, ...stalled]) subscriber.connect(bySse, 'anew');
  await rename(60);
  const mostResident = async () => {
    let most = 0;
    for (let i = 0; i < 15; i += 1) {
      await rename(12);
      most = Math.max(most, residentMiB(server.pid));
    }
    return most;
  };
  // What as many changes take while everyone reads.
  const before = await mostResident();
  for (const subscriber of stalled) subscriber.stall();
  const sockets = Array.from({ length: 50 }, () => neverRead(server.url, one));
  const most = (await mostResident()) - before;
  console.log(`50 readers that never read: ${most.toFixed(1)} MiB more, of ${before.toFixed(1)}`);
  for (const socket of sockets) socket.destroy();
  for (const subscriber of stalled) subscriber.go();
  await settle([...honest, ...stalled], new ShopLedger(await readLog(server.url)), bySse);
  const kinds = (subscriber: Subscriber) =>
    subscriber.readings.flatMap(({ told }) => told.map((one) => ('said' in one ? one.said.kind : 'place')));
  for (const subscriber of honest) expect(kinds(subscriber)).not.toContain('RESYNC');
  expect(stalled.map((subscriber) => subscriber.readings.length)).toEqual([1, 1]);
  expect(kinds(stalled[0] as Subscriber).slice(-2)).toEqual(['RESYNC', 'SNAPSHOT']);
  // Of no rows there is no snapshot: RESYNC is itself the place where it is, so that it can be cut off.
  const last = stalled[1]?.readings[0]?.told.findLast((one) => 'said' in one);
  expect(last).toMatchObject({ said: { kind: 'RESYNC' }, reached: { position: last?.said.position } });
  // Kept without bounds for each of them, what they did not read (180 times 360 kB) would be 3 GB; so much is what two heaps take between their collections.
  expect(most).toBeLessThan(160);
}, 120_000);
