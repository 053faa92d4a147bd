/**
 * How long a change takes from one process to a subscriber of another, at 500 commands a second. A process of its own, on plain sockets, so that little of the
 * figure is its own. Commands are sent by the clock, whatever became of those before. Its arguments are the two ports, seconds, and a name that no other run
 * has; its answer is a {@link Lag} in JSON.
 */
import type { Socket } from 'node:net';
import { answerLength, connected, requestOf } from './wire.ts';

/** From when a command was sent, until it was answered by the process that it was sent to, and until a subscriber of the other was told. */
export interface Lag {
  readonly perSecond: number;
  readonly answered: Percentiles;
  readonly told: Percentiles;
}

/** Of all commands that count. */
export interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const [to = 0, at = 0, seconds = 5] = process.argv.slice(2, 5).map(Number);
const run = process.argv[5] ?? '';

const perSecond = 500;
/** Connections to send by: a command that finds none free waits for one, which counts. */
const senders = 64;
/** Not counted: until code is warm. */
const warmMs = 1_000;
const patienceMs = 5_000;

const query = 'mutation($input: AddProductInput!) { addProduct(input: $input) { __typename } }';
const subscription = JSON.stringify({ query: 'subscription { productsChanged { product { name } } }' });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A command that was sent then took so long. */
interface Took {
  readonly sentMs: number;
  readonly tookMs: number;
}

const tookSince = (sentMs: number): Took => ({ sentMs, tookMs: performance.now() - sentMs });

/** Calls back with the time at which each change was sent that the subscriber is told of: products have it as their name. */
async function follow(told: (sentMs: number) => void): Promise<Socket> {
  const socket = await connected(at);
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
    let end = Math.max(0, text.length - 100);
    for (const found of text.matchAll(/"name":"@([\d.]+)"/g)) {
      told(Number(found[1]));
      end = Math.max(end, found.index + found[0].length);
    }
    text = text.slice(end);
  });
  socket.write(requestOf(subscription, 'text/event-stream'));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

/** Answers what sends a command by a socket that is free, once there is one; and calls back when it is answered. */
async function sending(answered: (sentMs: number) => void) {
  const due: { readonly text: string; readonly sentMs: number }[] = [];
  const free: (() => void)[] = [];
  const sockets = await Promise.all(Array.from({ length: senders }, () => connected(to)));
  for (const socket of sockets) {
    let received = '';
    let sentMs = 0;
    const next = () => {
      const one = due.shift();
      if (!one) return free.push(next);
      ({ sentMs } = one);
      return socket.write(one.text);
    };
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (answerLength(received) === 0) return;
      if (!received.includes('"ProductAccepted"')) throw new Error(`The answer is not as it should be: ${received}`);
      received = '';
      answered(sentMs);
      next();
    });
    next();
  }
  const send = (text: string, sentMs: number) => {
    due.push({ text, sentMs });
    free.shift()?.();
  };
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { send, end };
}

function percentiles(all: readonly Took[], countedFromMs: number): Percentiles {
  const sorted = all.filter(({ sentMs }) => sentMs >= countedFromMs).map(({ tookMs }) => tookMs);
  sorted.sort((a, b) => a - b);
  const share = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { p50Ms: share(0.5), p99Ms: share(0.99) };
}

async function measure(): Promise<Lag> {
  const [told, answered]: [Took[], Took[]] = [[], []];
  const subscriber = await follow((sentMs) => told.push(tookSince(sentMs)));
  const { send, end } = await sending((sentMs) => answered.push(tookSince(sentMs)));
  const [first, lengthMs] = [performance.now(), warmMs + seconds * 1000];
  let sent = 0;
  while (performance.now() < first + lengthMs) {
    for (; sent < ((performance.now() - first) * perSecond) / 1000; sent++) {
      const sentMs = performance.now();
      const input = { sku: `lag-${run}-${sent}`, name: `@${sentMs}`, price: '1.00', stock: 1 };
      send(requestOf(JSON.stringify({ query, variables: { input } })), sentMs);
    }
    await pause(1);
  }
  const lastMs = performance.now();
  while (Math.min(told.length, answered.length) < sent && performance.now() < lastMs + patienceMs) await pause(10);
  subscriber.destroy();
  end();
  if (told.length !== sent || answered.length !== sent)
    throw new Error(`Of ${sent} commands ${answered.length} were answered, and the subscriber was told of ${told.length}.`);
  const countedFromMs = first + warmMs;
  return {
    perSecond: (sent / (lastMs - first)) * 1000,
    answered: percentiles(answered, countedFromMs),
    told: percentiles(told, countedFromMs),
  };
}

console.log(JSON.stringify(await measure()));
