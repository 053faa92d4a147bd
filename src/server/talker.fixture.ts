import { once } from 'node:events';
import { WebSocket } from 'ws';
import { until } from './server.fixture.ts';

/** What a server says. */
export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A client that speaks the protocol by hand, and so can speak it wrongly. */
export class Talker {
  readonly socket: WebSocket;
  readonly heard: Message[] = [];

  constructor(url: string, { protocol = 'graphql-transport-ws', ...options }: { protocol?: string } & WebSocket.ClientOptions = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), protocol === '' ? [] : [protocol], options);
    this.socket.on('message', (data) => this.heard.push(JSON.parse(String(data))));
    this.socket.on('error', () => undefined);
  }

  say(...messages: readonly unknown[]): void {
    for (const message of messages) this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async open(): Promise<this> {
    await once(this.socket, 'open');
    this.say({ type: 'connection_init' });
    await until(() => this.heard.some(({ type }) => type === 'connection_ack'));
    return this;
  }

  closed(): Promise<number> {
    return new Promise((resolve) => void this.socket.once('close', resolve));
  }

  of(id: string): readonly Message[] {
    return this.heard.filter((message) => message.id === id);
  }
}

/** A message that asks for an operation. */
export const subscribe = (id: string, query: string, more: object = {}) => ({ id, type: 'subscribe', payload: { query, ...more } });
