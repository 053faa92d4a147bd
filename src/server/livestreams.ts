import type { ExecutionResult } from 'graphql';
import { fault } from './faults.ts';

/** The results of one subscription. */
type Results = AsyncIterator<ExecutionResult, void, undefined>;

/** The live streams of a server: how many there may be, and how they end. */
export interface LiveStreams {
  /** Takes a place. Throws `TOO_MANY_STREAMS`. The place is given back by `leave`, or when the stream that is opened on it ends. */
  take(): Place;
  /** Ends every stream, as if its source had. */
  endAll(): void;
  readonly open: number;
}

/** A place for one stream. */
interface Place {
  /** A stream that ends when its source does, its reader leaves, the signal aborts or the server stops: `ended` is called once, then. */
  open(source: Results, signal: AbortSignal, ended: () => void): AsyncIterableIterator<ExecutionResult, void, undefined>;
  leave(): void;
}

/** Keeps count of live streams. */
export function liveStreams(streamsMax: number): LiveStreams {
  const places = new Map<Place, () => void>();
  let over = false;
  return {
    get open() {
      return places.size;
    },
    take() {
      if (places.size >= streamsMax) throw fault('TOO_MANY_STREAMS', `The server has its ${streamsMax} live streams open already.`);
      const leave = (): void => void places.delete(place);
      const place: Place = {
        leave,
        open: (source, signal, ended) => {
          const { stream, end } = endable(source, signal, () => {
            leave();
            ended();
          });
          places.set(place, end);
          // The server stopped, or the reader left, while this one was about to begin.
          if (over || signal.aborted) end();
          return stream;
        },
      };
      places.set(place, leave);
      return place;
    },
    endAll: () => {
      over = true;
      for (const end of [...places.values()]) end();
    },
  };
}

type Result = IteratorResult<ExecutionResult, void>;

/**
 * An iterator's own `return` may wait for what its `next` waits for; this one ends at once: what waits for the next result is told that there is
 * none, and the source is told to return.
 */
function endable(source: Results, signal: AbortSignal, ended: () => void) {
  let over = false;
  let waiting: ((result: Result) => void) | undefined;
  const finish = (): void => {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', end);
    waiting?.({ done: true, value: undefined });
    ended();
  };
  const end = (): void => {
    if (over) return;
    finish();
    // Whatever goes wrong while the source cleans up, nobody is left to be told.
    void Promise.resolve(source.return?.()).catch(() => undefined);
  };
  const next = (): Promise<Result> => {
    if (over) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      waiting = resolve;
      source.next().then(
        (result) => {
          if (result.done) finish();
          resolve(result);
        },
        (error: unknown) => {
          reject(error);
          finish();
        },
      );
    });
  };
  signal.addEventListener('abort', end);
  const stream: AsyncIterableIterator<ExecutionResult, void, undefined> = {
    next,
    return: async () => {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return { stream, end };
}
