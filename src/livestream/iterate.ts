import { Backlog } from './backlog.ts';
import type { Delivery, Feed, Start } from './feed.ts';
import { Reader } from './reader.ts';
import { Tail } from './tail.ts';

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
  #taken: Delivery<M>[] = [];
  #fault: { readonly fault: unknown } | undefined;
  /** Who asked and has no answer yet, in order. */
  #asked: PromiseWithResolvers<Result<M>>[] = [];

  constructor(feed: Feed<M>, start: Start) {
    const tail = new Tail<M, Delivery<M>>(feed, { render: (delivery) => delivery, bytesOf: () => 0 }, new Backlog());
    const write = (deliveries: readonly Delivery<M>[]): boolean => {
      this.#taken.push(...deliveries);
      return this.#answer();
    };
    const fail = (fault: unknown): void => {
      this.#fault = { fault };
      this.#answer();
    };
    this.#reader = new Reader(tail, { write, fail }, start);
  }

  next(): Promise<Result<M>> {
    const asked = Promise.withResolvers<Result<M>>();
    this.#asked.push(asked);
    if (this.#state === 'new') this.#reader.begin();
    if (this.#state !== 'over') this.#state = 'open';
    if (this.#answer()) this.#reader.ready();
    return asked.promise;
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

  /** Answers who asked, as far as there is an answer; tells whether somebody still waits for one. */
  #answer(): boolean {
    for (let asked = this.#asked[0]; asked; asked = this.#asked[0]) {
      const taken = this.#state === 'over' ? undefined : this.#taken.shift();
      if (taken) asked.resolve({ done: false, value: taken.message });
      else if (this.#state === 'over') asked.resolve(done);
      else if (this.#fault) {
        // Told once, as by an async generator; from then on it is over.
        asked.reject(this.#fault.fault);
        this.#state = 'over';
      } else return true;
      this.#asked.shift();
    }
    return false;
  }
}
