import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Answered, Post } from '../faults/httpreach.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';

type Answer = Awaited<ReturnType<Post>>;

/** What a server says by `graphql-transport-ws`. */
interface Said {
  readonly type: 'connection_ack' | 'ping' | 'next' | 'error' | 'complete';
  readonly id?: string;
  readonly payload?: unknown;
}

/** Asks over one WebSocket after another, by `graphql-transport-ws`. What a request's headers would say cannot be said there. */
export function overWebSocket(network: Network, scheduler: Scheduler, patienceMs: () => number): Post {
  let talk: Talk | undefined;
  return async (to, body) => {
    if (!talk?.isOpen) talk = new Talk(to, network);
    const { answer, giveUp } = talk.ask(body);
    const stopWaiting = scheduler.in(patienceMs(), 'gives up', () => giveUp(scheduler.oneIn(2)));
    return answer.finally(stopWaiting);
  };
}

/** One WebSocket, and what was asked on it. */
class Talk {
  readonly #socket: WebSocket;
  readonly #ready = Promise.withResolvers<boolean>();
  readonly #asked = new Map<string, (answer: Answer) => void>();
  #count = 0;

  constructor(url: string, network: Network) {
    const createConnection = network.dial.bind(network) as () => Duplex as () => Socket;
    this.#socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { createConnection });
    this.#socket.on('open', () => this.#say({ type: 'connection_init' }));
    this.#socket.on('message', (text) => this.#hear(JSON.parse(String(text)) as Said));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#end());
  }

  get isOpen(): boolean {
    return this.#socket.readyState <= WebSocket.OPEN;
  }

  /** Whoever gives up says so, and stays; or leaves. */
  ask(body: string): { readonly answer: Promise<Answer>; readonly giveUp: (stays: boolean) => void } {
    this.#count += 1;
    const id = `${this.#count}`;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    void this.#ready.promise.then((isReady) => {
      if (!isReady) return resolve({ is: 'unsent' });
      this.#asked.set(id, resolve);
      this.#say({ id, type: 'subscribe', payload: JSON.parse(body) });
    });
    const giveUp = (stays: boolean): void => {
      if (stays && this.#asked.has(id)) this.#say({ id, type: 'complete' });
      else this.#socket.terminate();
      this.#settle(id, { is: 'unknown', why: 'given up' });
    };
    return { answer: promise, giveUp };
  }

  #say(words: object): void {
    // What is said to a socket that closes is lost, as everything else on it is.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(words));
  }

  #hear({ type, id = '', payload }: Said): void {
    if (type === 'connection_ack') this.#ready.resolve(true);
    else if (type === 'ping') this.#say({ type: 'pong' });
    else if (type === 'next') this.#settle(id, { status: 200, ...(payload as Omit<Answered, 'status'>) });
    else if (type === 'error') this.#settle(id, { status: 200, errors: payload as NonNullable<Answered['errors']> });
  }

  #settle(id: string, answer: Answer): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }

  #end(): void {
    this.#ready.resolve(false);
    for (const id of [...this.#asked.keys()]) this.#settle(id, { is: 'unknown', why: 'cut' });
  }
}
