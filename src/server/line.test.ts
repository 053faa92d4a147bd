import { expect, it } from 'vitest';
import { limits } from '#base';
import { Backlog, type Delivery, type Feed, Reader, Tail } from '#livestream';
import { Line, type LineSocket, type LineStream } from './line.ts';
import { Payload } from './payload.ts';
import { SocketStream } from './socketstream.ts';

/** A WebSocket whose client reads when it is told to. */
class Socket implements LineSocket {
  readonly OPEN = 1;
  readonly readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  /** The ids of the results that were written, in runs. */
  readonly sent: string[] = [];
  #told: (() => void)[] = [];

  send(text: unknown, told?: unknown): void {
    const id = /"id":"(\w+)"/.exec(String(text))?.[1] ?? '';
    if (this.sent.at(-1) !== id) this.sent.push(id);
    this.bufferedAmount += String(text).length;
    if (typeof told === 'function') this.#told.push(() => told());
  }

  /** Everything has left. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const told of this.#told.splice(0)) told();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(): void {}
}

/** Positions from 1 to 1,000, each a kilobyte, and nothing after them. */
const feed: Feed<number> = {
  name: 'numbers',
  watch: () => () => {},
  position: () => 1_000,
  begin: async () => ({ deliveries: [], reached: { position: 1_000 } }),
  missed: async ({ position }, count) => {
    const end = Math.min(position + count, 1_000);
    const deliveries = Array.from({ length: end - position }, (_, i): Delivery<number> => {
      const at = position + 1 + i;
      return { message: at, position: at, key: '', reached: { position: at } };
    });
    return { deliveries, reached: { position: end }, isAll: end === 1_000 };
  },
  resync: () => undefined,
};

async function openLine() {
  const socket = new Socket();
  const line = new Line(socket);
  const render = () => new Payload(JSON.stringify('x'.repeat(1_000)), undefined);
  const tail = new Tail<unknown, Payload>(feed, { render, bytesOf: ({ bytes }) => bytes }, new Backlog());
  const abandoned: string[] = [];
  /** Opens a stream of all positions, or one that has missed nothing. */
  const open = (id: string, after = 0): SocketStream => {
    const { asked = '' } = line.operations.heard(JSON.stringify({ type: 'subscribe', id })) ?? {};
    const stream = new SocketStream(line, asked, () => abandoned.push(id));
    const reader = new Reader(tail, stream, { after: { position: after }, snapshotRowsMax: 0 });
    stream.opened({ reader, leave: () => reader.stop() });
    reader.begin();
    return stream;
  };
  const fill = () => line.say(JSON.stringify({ type: 'pong', payload: 'x'.repeat(limits.socketBufferedBytesMax) }));
  return { socket, line, open, fill, abandoned };
}

const rest = () => new Promise((resolve) => setTimeout(resolve, 20));

it('nothing is written into a full socket by streams that open on it, and then by one after another, as far as it takes it', async () => {
  const { socket, open, fill } = await openLine();
  void fill();
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) open(id);
  await rest();
  expect(socket.sent).toEqual(['']);
  for (const [i] of ids.entries()) {
    socket.drain();
    await rest();
    // The one that had its turn waits behind the others. What it may write at once is less than the socket takes: so two come, not four.
    expect(socket.sent.length - 1).toBeLessThanOrEqual(3 * (i + 1));
    expect(socket.bufferedAmount).toBeLessThan(3 * limits.socketBufferedBytesMax);
  }
  for (let i = 0; i < 200; i++) {
    socket.drain();
    await new Promise(setImmediate);
  }
  expect(new Set(socket.sent.slice(1, 6))).toEqual(new Set(ids));
});

it('a stream that has nothing to write, breaks or is given up passes its turn on', async () => {
  const { socket, open, fill } = await openLine();
  void fill();
  open('quiet', 1_000);
  open('gone').giveUp();
  open('last');
  await rest();
  socket.drain();
  await rest();
  expect(socket.sent).toEqual(['', 'last']);
});

it('a client is heard between what it is sent, though there is always more for it', async () => {
  const { socket, line, open } = await openLine();
  open('a');
  await rest();
  const { bufferedAmount } = socket;
  expect([socket.isPaused, bufferedAmount > limits.socketBufferedBytesMax]).toEqual([true, true]);
  const { asked: number = '' } = line.operations.heard(JSON.stringify({ type: 'subscribe', id: 'b' })) ?? {};
  // It writes as soon as it is woken: a reader of what its tail has kept.
  const eager: LineStream = { number, isOpen: true, giveUp: () => {}, wake: () => !line.write(eager, [`"${'x'.repeat(bufferedAmount)}"`]) };
  line.queue(eager);
  for (let i = 0; i < 3; i++) {
    socket.drain();
    expect([socket.isPaused, socket.bufferedAmount]).toEqual([false, 0]);
    await rest();
    expect(socket.isPaused).toBe(true);
  }
  expect(socket.sent).toContain('b');
});

it('who is given up while it is opened frees its place at once, and counts until it is over', async () => {
  const { line, abandoned } = await openLine();
  const opening = Promise.withResolvers<void>();
  const heard = line.hear(JSON.stringify({ type: 'subscribe', id: 'a' }), (text) => {
    new SocketStream(line, JSON.parse(text).id, () => abandoned.push('a'));
    return opening.promise;
  });
  await line.hear(JSON.stringify({ type: 'complete', id: 'a' }), async () => undefined);
  expect([abandoned, line.underway]).toEqual([['a'], 1]);
  opening.resolve();
  await heard;
  expect(line.underway).toBe(0);
});
