/** Headers of an event stream; the last keeps nginx from holding events back. */
export const eventHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** The end of a stream that is over. */
export const complete = 'event: complete\ndata:\n\n';
/** Says nothing, but that the stream is alive. */
export const heartbeat = ':\n\n';
/** A stream that ends without `complete` is one to come back to: an EventSource does so by itself, after this time. */
export const comeBack = ': SHUTTING_DOWN: come back and go on after the last id\nretry: 1000\n\n';

/** A single result as a whole stream. */
export const singleEvent = (text: string): string => `${heartbeat}event: next\ndata: ${text}\n\n${complete}`;
