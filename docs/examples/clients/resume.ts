import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWebSocketClient } from 'graphql-ws';

/** A request. graphql-ws and graphql-sse send the same object anew whenever they connect again. */
export interface Request {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** A result, of whatever operation. */
export interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly extensions?: Record<string, unknown>;
}

/** Who is told of results. */
export interface Sink {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

/** What the clients of graphql-ws and of graphql-sse have in common. */
export interface Transport {
  subscribe(request: Request, sink: Sink): () => void;
}

// #region resuming
/** Where a stream goes on after a cut; all undefined: it begins anew. */
interface Place {
  readonly after?: unknown;
  readonly afterKey?: unknown;
}

/**
 * A transport whose subscriptions go on where they were cut off: the place they have come to is written into the variables that are sent when
 * it connects again. Each message's position is put where answers have theirs: into `extensions.position`.
 *
 * A subscription of one object declares `$after: Position`; one of many `$afterKey` too, and `$snapshot` where it begins with one.
 */
export function resuming<T extends Transport>(transport: T): T {
  const subscribe = (request: Request, sink: Sink): (() => void) => {
    const variables = { ...request.variables };
    const next = (result: Result): void => {
      const [message] = Object.values(result.data ?? {});
      const isMessage = isRecord(message);
      if (isMessage) Object.assign(variables, placeAt(message, request.query, variables));
      sink.next(isMessage ? { ...result, extensions: { ...result.extensions, position: message['position'] } } : result);
    };
    return transport.subscribe({ ...request, variables }, { next, error: (error) => sink.error(error), complete: () => sink.complete() });
  };
  return { ...transport, subscribe };
}

function placeAt(message: Record<string, unknown>, query: string, { snapshot }: Record<string, unknown>): Place {
  const { __typename, kind, position, ...rest } = message;
  if (!/\$after\b/.test(query)) return {};
  const isOfMany = /\$afterKey\b/.test(query);
  const anew = { after: undefined, ...(isOfMany && { afterKey: undefined }) };
  // Cut off amid a snapshot of many, there is no telling what was still to come of it.
  if (kind === 'SNAPSHOT' && isOfMany) return anew;
  if (kind === 'RESYNC') return isOfMany && !snapshot ? { ...anew, after: position } : anew;
  // Beside kind and position, a message's key is its only text: `orderId`, say.
  return { after: position, ...(isOfMany && { afterKey: Object.values(rest).find((value) => typeof value === 'string') }) };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
// #endregion

// #region transports
/** Waits before another try to connect: 1 s, 2 s, 4 s … up to half a minute, and a little at random, so that not all come back at once. */
const backoff = (tries: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(1000 * 2 ** tries, 30_000) * (0.5 + Math.random() / 2)));

/** Live streams over SSE: a connection each. */
export const overSse = (url: string, wait = backoff) =>
  resuming(createSseClient({ url, retryAttempts: Number.POSITIVE_INFINITY, retry: wait }));

/** Live streams over one WebSocket. A server that does not answer a ping is left, and looked for anew. */
export const overWebSocket = (url: string, wait = backoff) =>
  resuming(
    createWebSocketClient({
      url: url.replace(/^http/, 'ws'),
      keepAlive: 10_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: wait,
      shouldRetry: () => true,
    }),
  );
// #endregion
