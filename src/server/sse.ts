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
const comeBackBecause = (why: string): string => `: ${why}\nretry: 1000\n\n`;
/** A stream ends by a fault that may be over in a moment. */
export const comeBack = (code: string): string => comeBackBecause(`${code}: come back and go on after the last id`);
/** A stream stands behind another answer on its connection. */
export const comeBackAlone = comeBackBecause('A stream does not wait behind another answer: come back on a connection of its own');

/** A single result as a whole stream. */
export const singleEvent = (text: string): string => `${heartbeat}event: next\ndata: ${text}\n\n${complete}`;
