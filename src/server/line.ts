import type { WebSocket } from 'ws';
import { limits, VarveError } from '#base';
import { OperationNumbers } from './numbers.ts';
import type { Payload } from './payload.ts';
import type { Subscriber, Subscription } from './subscriptions.ts';

const tryAgainLater = 1013;

/** One WebSocket, and whoever waits until it takes more. */
export class Line {
  readonly operations = new OperationNumbers();
  readonly #socket: WebSocket;
  readonly #streams = new Set<SocketStream>();
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Sends what the protocol says; a client that does not read is not read from either, until it does. */
  async say(words: string): Promise<void> {
    const text = this.operations.said(words);
    if (text === undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    const sent = new Promise<void>((resolve) => this.#socket.send(text, () => resolve()));
    if (this.#isFull) this.#socket.pause();
    await sent;
    this.#sent();
  }

  /** A stream for an operation's results. */
  stream(number: string): SocketStream {
    const stream = new SocketStream(this, number);
    this.#streams.add(stream);
    return stream;
  }

  /** A stream is over. */
  forget(stream: SocketStream): void {
    this.#streams.delete(stream);
  }

  /** The socket is closed, and with it all its streams, those that are just being opened too. */
  close(): void {
    for (const stream of [...this.#streams]) void stream.return();
  }

  /** Sends a result, where the socket and the operation are open; answers whether it would take more at once. Where not, `ready` is called when it would. */
  send(number: string, json: string, ready: () => void): boolean {
    const id = this.operations.idOf(number);
    if (id === undefined || this.#socket.readyState !== this.#socket.OPEN) return false;
    this.#socket.send(`{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`, () => this.#sent());
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
  readonly #number: string;
  readonly #over = Promise.withResolvers<IteratorResult<never, void>>();
  readonly #ready = (): void => this.#subscription?.reader.ready();
  #subscription: Subscription | undefined;
  #isOver = false;

  constructor(line: Line, number: string) {
    this.#line = line;
    this.#number = number;
    // Nobody may be asking when it breaks.
    this.#over.promise.catch(() => undefined);
  }

  opened(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#isOver) subscription.leave();
  }

  write(payloads: readonly Payload[]): boolean {
    let isReady = true;
    for (const { json } of payloads) isReady = this.#line.send(this.#number, json, this.#ready);
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
    this.#line.forget(this);
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
