import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

/** What a client asks for. */
export interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What an EventSource would send as `Last-Event-ID`. */
  readonly lastId?: string | undefined;
}

/** Where a client connects to. */
export interface Endpoint {
  readonly url: string;
  /** Makes the connection; left out: the machine's network does. */
  readonly dial?: (() => Duplex) | undefined;
}

/** What a connection tells its client, in order. */
export interface Listener {
  /** A result; with the `id` that an EventSource would remember, where the transport has one. */
  next(result: Result, id?: string): void;
  /** An `id` that came alone. */
  id(id: string): void;
  /** The connection ended, for whatever reason. */
  ended(why: string): void;
}

/** A result as it came. */
export interface Result {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** One subscription on a connection of its own. */
export interface Connection {
  /** Breaks it off, at once; nothing more is told. */
  cut(): void;
  /** Reads nothing any more, until `go`. */
  stall(): void;
  go(): void;
}

/** Subscribes by GraphQL over SSE, as an EventSource does, byte by byte. */
export function openSse({ url, dial }: Endpoint, { query, variables, lastId }: Asked, listener: Listener): Connection {
  let over = false;
  let response: IncomingMessage | undefined;
  const end = (why: string): void => {
    if (!over) listener.ended(why);
    over = true;
  };
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) };
  const sent = request(url, { method: 'POST', headers, ...(dial ? { createConnection: dial } : { agent: false }) }, (answer) => {
    response = answer.setEncoding('utf8');
    if (answer.statusCode !== 200) return end(`status ${answer.statusCode}`);
    let text = '';
    answer.on('data', (chunk: string) => {
      const isWhole = `${text.at(-1) ?? ''}${chunk}`.includes('\n\n');
      text += chunk;
      if (!isWhole) return;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) if (!over) takeBlock(block, listener);
    });
    answer.on('close', () => end('closed'));
    answer.on('error', (error) => end(error.message));
  });
  sent.on('error', (error) => end(error.message));
  sent.end(JSON.stringify({ query, variables }));
  return {
    cut: () => {
      over = true;
      sent.destroy();
    },
    stall: () => void response?.pause(),
    go: () => void response?.resume(),
  };
}

function takeBlock(block: string, listener: Listener): void {
  const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 2)]));
  const [id, data] = [fields.get('id'), fields.get('data')];
  if (fields.get('event') === 'next') listener.next(JSON.parse(data ?? 'null') as Result, id);
  else if (id !== undefined) listener.id(id);
}

/** Subscribes over a WebSocket, by `graphql-transport-ws`. */
export function openSocket({ url, dial }: Endpoint, { query, variables }: Asked, listener: Listener): Connection {
  let over = false;
  const end = (why: string): void => {
    if (!over) listener.ended(why);
    over = true;
  };
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', dial && { createConnection: dial as () => Socket });
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.on('open', () => say({ type: 'connection_init' }));
  socket.on('message', (text) => {
    if (over) return;
    const message = JSON.parse(String(text)) as { readonly type: string; readonly payload?: Result };
    if (message.type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: { query, variables } });
    else if (message.type === 'ping') say({ type: 'pong' });
    else if (message.type === 'next') listener.next(message.payload ?? {});
    else if (message.type === 'error') listener.next({ errors: message.payload });
  });
  socket.on('error', (error) => end(error.message));
  socket.on('close', (code) => end(`code ${code}`));
  return {
    cut: () => {
      over = true;
      socket.terminate();
    },
    stall: () => {
      if (socket.readyState === socket.OPEN) socket.pause();
    },
    go: () => {
      if (socket.isPaused) socket.resume();
    },
  };
}
