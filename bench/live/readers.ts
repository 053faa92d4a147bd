/**
 * Readers of event streams, in a process of their own: plain sockets that find in each message the time at which it was sent (`@MS`), and nothing else.
 * Told what to do by its parent: see {@link Order}; answers each order with {@link Report}.
 */
import { connect, type Socket } from 'node:net';
import { requestOf } from '../wire.ts';

/** What the parent asks for. */
export type Order =
  | { readonly do: 'open'; readonly port: number; readonly bodies: readonly string[] }
  /** Answers once so many messages have been received since the last reset. */
  | { readonly do: 'await'; readonly messages: number }
  /** Answers what was received since the last reset, and resets. */
  | { readonly do: 'report' }
  | { readonly do: 'close' };

/** Messages since the last reset, and how long they were under way. */
export interface Report {
  readonly messages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

let sockets: Socket[] = [];
let delays: number[] = [];
let awaited: { readonly messages: number; readonly resolve: () => void } | undefined;

const awaitMsMax = 30_000;
const at = '@'.charCodeAt(0);

function take(chunk: Buffer): void {
  const now = Date.now();
  for (let i = chunk.indexOf(at); i >= 0; i = chunk.indexOf(at, i + 1)) delays.push(now - Number(chunk.toString('latin1', i + 1, i + 14)));
  if (awaited && delays.length >= awaited.messages) awaited.resolve();
}

const opened = (port: number, body: string) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(requestOf(body, 'text/event-stream')));
    socket.once('data', () => resolve(socket));
    socket.on('data', take);
    socket.on('error', reject);
  });

function report(): Report {
  const sorted = delays.toSorted((a, b) => a - b);
  const share = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  delays = [];
  return { messages: sorted.length, p50Ms: share(0.5), p99Ms: share(0.99), maxMs: share(1) };
}

async function obey(order: Order): Promise<Report> {
  if (order.do === 'open') {
    // A few at a time: the queue of a listening socket is short.
    for (let i = 0; i < order.bodies.length; i += 100)
      sockets.push(...(await Promise.all(order.bodies.slice(i, i + 100).map((body) => opened(order.port, body)))));
    return report();
  }
  if (order.do === 'close') {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    return report();
  }
  if (order.do === 'await' && delays.length < order.messages) {
    await new Promise<void>((resolve, reject) => {
      awaited = { messages: order.messages, resolve };
      setTimeout(() => reject(new Error(`${delays.length} of ${order.messages} messages came`)), awaitMsMax).unref();
    });
    awaited = undefined;
  }
  return report();
}

process.on('message', (order: Order) => void obey(order).then((said) => process.send?.(said)));
process.on('disconnect', () => process.exit());
