import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits, type Timers } from '#base';
import type { Answer } from './answer.ts';
import { discardBody } from './body.ts';

/** Sends an answer that was found before the request was read to its end; the rest of it is thrown away, and the connection closed. */
export async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
  timers: Timers,
): Promise<void> {
  if (response.headersSent) return void response.destroy();
  const unread = !request.complete;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body), ...(unread && { connection: 'close' }) });
  response.write(body);
  // The whole answer is with the client now, for it knows its length; ending it would close the connection under the client's feet.
  if (unread) await discardBody(request, timers);
  response.end();
}

/** Sends a whole answer. */
export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  if (leaving.push(() => response.end(body)) === 1) setImmediate(leave);
}

let leaving: (() => void)[] = [];

/**
 * Answers of one turn of the event loop leave together. What is written to a socket wakes whoever waits for it, and that costs more than the rest of the
 * writing; written one right after another, most find their reader awake.
 */
function leave(): void {
  const ready = leaving;
  leaving = [];
  for (const end of ready) end();
}

/** Sends a JSON value. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) });
}

/** Answers on a connection that has no response: a request that wanted to become a WebSocket and may not, or what is no request. Then it is closed. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: Answer, timers: Timers): void {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // The client may keep its half of the connection, or never read: neither holds this one open.
  const callOff = timers.after(limits.refusedBodyWaitMs, () => socket.destroy());
  socket.once('finish', () => socket.destroy()).once('close', callOff);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${body}`);
}

/** Answers a request for a WebSocket that is none: the version that is spoken belongs to the answer. */
export function refuseHandshake(socket: Duplex, { headers, ...answer }: Answer, timers: Timers): void {
  refuseUpgrade(socket, { ...answer, headers: { ...headers, 'sec-websocket-version': '13' } }, timers);
}
