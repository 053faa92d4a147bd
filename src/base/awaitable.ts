/** At once or by a promise: who has the answer at once makes nobody wait for a turn. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there, else when it has come. */
export function andThen<T, R>(value: Awaitable<T>, work: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(work) : work(value);
}
