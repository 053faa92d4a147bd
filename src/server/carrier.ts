import type { IncomingHttpHeaders } from 'node:http';
import type { GoingOn } from '#livestream';

/** What came with an operation, whatever transport brought it: all that a context is built from. */
export interface Carrier {
  /** Of the request; over WebSocket, of the one that opened the connection. */
  readonly headers: IncomingHttpHeaders;
  /** How far a stream's reader says that it has come: an EventSource's `Last-Event-ID`. */
  readonly reached?: GoingOn;
}
