import type { VarveError } from '#base';
import { isPassing } from './faults.ts';
import type { Line, LineStream } from './line.ts';
import type { Payload } from './payload.ts';
import type { Subscriber, Subscription } from './subscriptions.ts';

/**
 * One subscription of a WebSocket. graphql-ws is given an iterator that says only when the stream is over: the results go to the socket by
 * themselves, so that one text serves all who get it.
 */
export class SocketStream implements Subscriber, LineStream, AsyncGenerator<never, void, undefined> {
  readonly number: string;
  readonly #line: Line;
  readonly #leaveEarly: () => void;
  readonly #over = Promise.withResolvers<IteratorResult<never, void>>();
  #subscription: Subscription | undefined;
  #isOver = false;

  /** @param leaveEarly called where it is given up before it was opened */
  constructor(line: Line, number: string, leaveEarly: () => void) {
    this.#line = line;
    this.number = number;
    this.#leaveEarly = leaveEarly;
    // Nobody may be asking when it breaks.
    this.#over.promise.catch(() => undefined);
    line.join(this);
  }

  get isOpen(): boolean {
    return this.#subscription !== undefined && !this.#isOver;
  }

  opened(subscription: Subscription): void {
    this.#subscription = subscription;
    if (this.#isOver) subscription.leave();
    else if (this.#line.queue(this)) subscription.reader.wait();
  }

  write(payloads: readonly Payload[]): boolean {
    return this.#line.write(
      this,
      payloads.map(({ json }) => json),
    );
  }

  follows(): void {
    this.#line.passOn(this);
  }

  wake(): boolean {
    const reader = this.#subscription?.reader;
    reader?.ready();
    return reader?.isReading === true;
  }

  fail(fault: unknown): void {
    // To the protocol an error is the end; clients come back by themselves only where the connection is closed.
    if (isPassing(fault)) this.#line.comeBack();
    else this.#over.reject(fault);
    this.giveUp();
  }

  /**
   * It could not be opened now, but may be in a moment. Its client comes back for it by itself only where the connection is closed. That cuts the
   * others of the connection off, to meet all the same again: where there are any, it hears of an error, and may ask again.
   */
  refuse(fault: VarveError): void {
    if (this.#isOver) return;
    const isStopping = fault.code === 'SHUTTING_DOWN';
    if (isStopping) this.#line.restart();
    else if (this.#line.isBusy) this.#over.reject(fault);
    else this.#line.comeBack();
    // Where the server stops it is said nothing to: answers may be under way, which are waited for, and then the connection is closed.
    if (!isStopping) this.giveUp();
  }

  /** The whole connection is closed, by a code that says to come back. */
  restart(): void {
    this.#subscription?.leave();
  }

  giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#line.forget(this);
    if (this.#subscription) this.#subscription.leave();
    else this.#leaveEarly();
    this.#over.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<never, void>> {
    return this.#over.promise;
  }

  async return(): Promise<IteratorResult<never, void>> {
    this.giveUp();
    return { done: true, value: undefined };
  }

  async throw(fault: unknown): Promise<IteratorResult<never, void>> {
    this.giveUp();
    throw fault;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.giveUp();
  }
}
