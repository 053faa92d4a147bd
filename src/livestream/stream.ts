/**
 * Makes a stream that can be stopped while it waits: an async generator's own `return` would wait for what it waits for.
 * Nothing runs, and nothing is held, before the first `next`.
 */
export function stoppable<T>(generate: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  const stop = new AbortController();
  const inner = generate(stop.signal);
  return {
    next: () => inner.next(),
    return: (value) => {
      stop.abort();
      return inner.return(value);
    },
    throw: (fault) => {
      stop.abort();
      return inner.throw(fault);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}
