import type { Delivery, Feed, Start } from './feed.ts';
import { Reader } from './reader.ts';
import { backlog, Tail } from './tail.ts';

/**
 * Reads a feed alone, one message at a time. It can be stopped while it waits, which an async generator's own `return` cannot. Nothing runs, and
 * nothing is held, before the first `next`.
 */
export function iterate<M>(feed: Feed<M>, start: Start): AsyncGenerator<M, void, undefined> {
  return new Iteration(feed, start);
}

type Result<M> = IteratorResult<M, void>;
const done = { done: true, value: undefined } as const;

class Iteration<M> implements AsyncGenerator<M, void, undefined> {
  readonly #reader: Reader<M, Delivery<M>>;
  #state: 'new' | 'open' | 'over' = 'new';
  #taken: Delivery<M> | undefined;
  #fault: { readonly fault: unknown } | undefined;
  #asked: PromiseWithResolvers<Result<M>> | undefined;

  constructor(feed: Feed<M>, start: Start) {
    const tail = new Tail<M, Delivery<M>>(feed, { render: (delivery) => delivery, bytesOf: () => 0 }, backlog());
    const write = (delivery: Delivery<M>): boolean => {
      this.#taken = delivery;
      this.#answer();
      return false;
    };
    const fail = (fault: unknown): void => {
      this.#fault = { fault };
      this.#answer();
    };
    this.#reader = new Reader(tail, { write, fail }, start);
  }

  next(): Promise<Result<M>> {
    this.#asked ??= Promise.withResolvers();
    const { promise } = this.#asked;
    if (this.#state === 'new') this.#reader.begin();
    else if (!this.#taken) this.#reader.ready();
    if (this.#state !== 'over') this.#state = 'open';
    this.#answer();
    return promise;
  }

  async return(): Promise<Result<M>> {
    this.#state = 'over';
    this.#reader.stop();
    this.#answer();
    return done;
  }

  async throw(fault: unknown): Promise<Result<M>> {
    await this.return();
    throw fault;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Answers who asked, where there is an answer. */
  #answer(): void {
    const asked = this.#asked;
    const taken = this.#taken;
    if (!asked || !(taken || this.#fault || this.#state === 'over')) return;
    this.#asked = undefined;
    this.#taken = undefined;
    if (this.#state === 'over') asked.resolve(done);
    else if (taken) asked.resolve({ done: false, value: taken.message });
    else asked.reject(this.#fault?.fault);
  }
}
