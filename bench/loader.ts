/**
 * A load generator that costs as little as it can, for it shares the machine with what it measures: plain sockets, one request
 * under way on each. Runs as a process of its own; its one argument is a {@link Load} in JSON, its answer a {@link Loaded}.
 */
import type { Socket } from 'node:net';
import { answerLength, connected, requestOf } from './wire.ts';

export interface Load {
  /** Several: the connections go to them in turns. */
  readonly port: number | readonly number[];
  readonly connections: number;
  readonly seconds: number;
  /** Body of each request; `#` stands for a number that no other request has. */
  readonly body: string;
  /** `%` stands for the number modulo this one; left out: for itself. */
  readonly modulo?: number;
  /** Makes numbers differ between runs on one server. */
  readonly run: string;
  /** Text that every answer must have. */
  readonly expect: string;
  /** The server is going to be killed meanwhile: what was acknowledged until then is answered. */
  readonly untilGone?: boolean;
}

export interface Loaded {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Requests that were answered: the numbers from 1 to this. */
  readonly answered: number;
  /** The numbers that were answered as expected before the server was gone; empty where it was not to go. */
  readonly acknowledged: readonly number[];
}

function textOf({ body, run, modulo }: Load, number: number): string {
  return body.replaceAll('#', `${run}-${number}`).replaceAll('%', modulo === undefined ? '%' : String(number % modulo));
}

/** Connects a few at a time, for the queue of a listening socket is short: whoever finds no place in it comes again a second later. */
async function connectAll({ port, connections, untilGone }: Load): Promise<readonly Socket[]> {
  const all = [port].flat();
  const ports = Array.from({ length: connections }, (_, i) => all[i % all.length] ?? 0);
  const sockets: Socket[] = [];
  for (let i = 0; i < connections; i += 100)
    sockets.push(...(await Promise.all(ports.slice(i, i + 100).map((one) => connected(one, untilGone ? () => {} : undefined)))));
  return sockets;
}

async function run(load: Load): Promise<Loaded> {
  const sockets = await connectAll(load);
  const started = performance.now();
  const until = started + load.seconds * 1000;
  const times: number[] = [];
  let failed = 0;
  let number = 0;
  const acknowledged: number[] = [];
  const one = (socket: Socket) =>
    new Promise<void>((resolve, reject) => {
      let received = '';
      let sent = 0;
      let mine = 0;
      const send = () => {
        if (performance.now() >= until) return socket.end(resolve);
        sent = performance.now();
        number += 1;
        mine = number;
        return socket.write(requestOf(textOf(load, mine)));
      };
      socket.on('close', () => (load.untilGone ? resolve() : reject(new Error('The server closed a connection.'))));
      socket.on('data', (text: string) => {
        received += text;
        const length = answerLength(received);
        if (length === 0) return;
        times.push(performance.now() - sent);
        if (!received.includes(load.expect)) failed += 1;
        else if (load.untilGone) acknowledged.push(mine);
        received = received.slice(length);
        send();
      });
      send();
    });
  await Promise.all(sockets.map(one));
  const seconds = (performance.now() - started) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), failed, answered: times.length, acknowledged };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as Load)));
