import type { WebSocket } from 'ws';
import { limits, VarveError } from '#base';
import type { Payload } from './payload.ts';
import type { Subscriber, Subscription } from './subscriptions.ts';

const tryAgainLater = 1013;

/** One WebSocket, and whoever waits until it takes more. */
export class Line {
  readonly #socket: WebSocket;
  readonly #streams = new Map<string, SocketStream>();
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Sends what the protocol says; a client that does not read is not read from either, until it does. */
  async say(text: string): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const sent = new Promise<void>((resolve) => this.#socket.send(text, () => resolve()));
    if (this.#isFull) this.#socket.pause();
    await sent;
    this.#sent();
  }

  /** A stream under the client's name for it. One that still has the name, because it was given up while it opened, is over. */
  stream(id: string): SocketStream {
    const stream = new SocketStream(this, id);
    void this.#streams.get(id)?.return();
    this.#streams.set(id, stream);
    return stream;
  }

  /** A stream is over. */
  forget(id: string, stream: SocketStream): void {
    if (this.#streams.get(id) === stream) this.#streams.delete(id);
  }

  /** The socket is closed, and with it all its streams, those that are just being opened too. */
  close(): void {
    for (const stream of [...this.#streams.values()]) void stream.return();
  }

  /** Sends, where the socket is open; answers whether it would take more at once. Where not, `ready` is called when it would. */
  send(text: string, ready: () => void): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    this.#socket.send(text, () => this.#sent());
    if (!this.#isFull) return true;
    this.#waiting.add(ready);
    return false;
  }

  /** Cuts all streams off by the code that says to come back: one of them met what may go well in a moment. */
  comeBack(): void {
    this.#socket.close(tryAgainLater, 'Try again later, and go on.');
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount > limits.socketBufferedBytesMax;
  }

  #sent(): void {
    if (this.#isFull) return;
    if (this.#socket.isPaused) this.#socket.resume();
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const ready of waiting) ready();
  }
}

/**
 * One subscription of a WebSocket. graphql-ws is given an iterator that says only when the stream is over: the results go to the socket by
 * themselves, so that one text serves all who get it.
 */
export class SocketStream implements Subscriber, AsyncGenerator<never, void, undefined> {
  readonly #line: Line;
  readonly #id: string;
  readonly #prefix: string;
  readonly #over = Promise.withResolvers<IteratorResult<never, void>>();
  readonly #ready = (): void => this.#subscription?.reader.ready();
  #subscription: Subscription | undefined;
  #isOver = false;

  /** @param id the client's name for the subscription */
  constructor(line: Line, id: string) {
    this.#line = line;
    this.#id = id;
    this.#prefix = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    // Nobody may be asking when it breaks.
    this.#over.promise.catch(() => undefined);
  }

  opened(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#isOver) subscription.leave();
  }

  write(payloads: readonly Payload[]): boolean {
    let isReady = true;
    for (const { json } of payloads) isReady = this.#line.send(`${this.#prefix}${json}}`, this.#ready);
    return isReady;
  }

  fail(fault: unknown): void {
    this.#subscription?.leave();
    // To the protocol an error is the end; clients come back by themselves only where the connection is closed.
    if (fault instanceof VarveError && fault.retryable) this.#line.comeBack();
    else this.#over.reject(fault);
  }

  /** The whole connection is closed, by a code that says to come back. */
  restart(): void {
    this.#subscription?.leave();
  }

  next(): Promise<IteratorResult<never, void>> {
    return this.#over.promise;
  }

  async return(): Promise<IteratorResult<never, void>> {
    this.#isOver = true;
    this.#line.forget(this.#id, this);
    this.#subscription?.leave();
    this.#over.resolve({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  async throw(fault: unknown): Promise<IteratorResult<never, void>> {
    await this.return();
    throw fault;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
