/**
 * A load generator that costs as little as it can, for it shares the machine with what it measures: plain sockets, one request
 * under way on each. Runs as a process of its own; its one argument is a {@link Load} in JSON, its answer a {@link Loaded}.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
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

const crlf = '\r\n';

function requestOf({ body, run, modulo }: Load, number: number): string {
  const text = body.replaceAll('#', `${run}-${number}`).replaceAll('%', modulo === undefined ? '%' : String(number % modulo));
  const head = [
    'POST /graphql HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return head.join(crlf) + crlf + crlf + text;
}

/** The length of the first whole answer in the text; 0 where it is not all there. */
function answerLength(text: string): number {
  const end = text.indexOf(crlf + crlf);
  if (end < 0) return 0;
  const [, length] = /content-length: (\d+)/i.exec(text.slice(0, end)) ?? [];
  if (length !== undefined) return text.length >= end + 4 + Number(length) ? end + 4 + Number(length) : 0;
  const last = text.indexOf(`${crlf}0${crlf}${crlf}`, end);
  return last < 0 ? 0 : last + 7;
}

/** Connects a few at a time, for the queue of a listening socket is short: whoever finds no place in it comes again a second later. */
async function connectAll({ port, connections, untilGone }: Load): Promise<readonly Socket[]> {
  const connected = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
      socket.setEncoding('latin1');
      socket.on('error', untilGone ? () => {} : reject);
    });
  const sockets: Socket[] = [];
  while (sockets.length < connections)
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(100, connections - sockets.length) }, connected))));
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
        return socket.write(requestOf(load, mine));
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
