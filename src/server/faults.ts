import { VarveError } from '#base';

interface Kind {
  /** The HTTP status of an answer that has no data because of it. */
  readonly status: number;
  readonly hint: string;
  readonly retryable?: boolean;
}

/** Every fault that the server itself finds: its HTTP status, and what to do about it. */
const kinds = {
  BAD_REQUEST: { status: 400, hint: 'Send {"query": "…", "variables": {…}, "operationName": "…"}; all but the query may be left out.' },
  BODY_TOO_DEEP: { status: 400, hint: 'Send values that are nested less deeply.' },
  BODY_TOO_LARGE: { status: 413, hint: 'Send less at a time; large lists go in several requests.' },
  HEADERS_TOO_LARGE: { status: 431, hint: 'Send shorter headers; a long document goes by POST, in the body.' },
  REQUEST_TIMEOUT: { status: 408, hint: 'Send it again, at one go.', retryable: true },
  MALFORMED_REQUEST: { status: 400, hint: 'Send HTTP/1.1, as any HTTP client does; https:// is not spoken here.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, hint: 'Send JSON with the header content-type: application/json.' },
  NOT_ACCEPTABLE: {
    status: 406,
    hint: 'Accept application/json or application/graphql-response+json; for subscriptions text/event-stream.',
  },
  METHOD_NOT_ALLOWED: { status: 405, hint: 'Send a POST with a JSON body, or a GET for queries and subscriptions.' },
  ORIGIN_REFUSED: { status: 403, hint: "Add the page's origin to the server's allowed origins, or serve the page from the server's own." },
  HOST_REFUSED: {
    status: 403,
    hint: 'Ask for it as localhost or 127.0.0.1. Behind a proxy that hands on its own name, give that name with --origin https://NAME.',
  },
  BAD_HANDSHAKE: {
    status: 400,
    hint: 'Ask for a WebSocket by GET, with the headers sec-websocket-key, sec-websocket-version: 13 and sec-websocket-protocol: graphql-transport-ws.',
  },
  NOT_FOUND: { status: 404, hint: "GraphQL is served at /graphql, the server's state at /health." },
  DOCUMENT_TOO_LONG: { status: 400, hint: 'Split the document; values go into variables, not into its text.' },
  DOCUMENT_TOO_MANY_TOKENS: { status: 400, hint: 'Split the document; values go into variables, not into its text.' },
  DOCUMENT_TOO_DEEP: { status: 400, hint: 'Ask for fewer levels at a time.' },
  DOCUMENT_TOO_LARGE: { status: 400, hint: 'Ask for fewer fields at a time; a fragment counts each time it is used.' },
  DOCUMENT_TOO_COSTLY: { status: 400, hint: 'Ask for smaller pages: `first` and `last` multiply all that is asked for below them.' },
  PAGE_TOO_LARGE: { status: 400, hint: 'Ask for a smaller page and go on from its `endCursor`.' },
  BAD_POSITION: { status: 400, hint: 'Send back a position as the server gave it.' },
  POSITION_AHEAD: { status: 400, hint: 'Begin anew, without `after`.' },
  BAD_CURSOR: { status: 400, hint: 'Send back a cursor as the server gave it, for the same list in the same order.' },
  POSITION_NOT_REACHED: { status: 504, hint: 'Send the request again, or without `varve-at-least`.', retryable: true },
  TOO_MANY_STREAMS: { status: 503, hint: 'Close streams that nobody looks at, or come back later.', retryable: true },
  SHUTTING_DOWN: { status: 503, hint: 'Send the request again; another process, or this one restarted, will take it.', retryable: true },
  GRAPHQL_PARSE_FAILED: { status: 400, hint: "Mend the document's syntax at the place named in `locations`." },
  GRAPHQL_VALIDATION_FAILED: { status: 400, hint: 'Hold the document against the schema, which this endpoint shows by introspection.' },
  OPERATION_RESOLUTION_FAILURE: { status: 400, hint: "Name one of the document's operations in `operationName`." },
  BAD_USER_INPUT: { status: 400, hint: 'Hold variables and arguments against the types that the schema gives them.' },
  INTERNAL: { status: 500, hint: 'Tell the operator the correlation id: the log line with the same id says what happened.' },
} satisfies Record<string, Kind>;

/** A code of the server's own faults. */
export type FaultCode = keyof typeof kinds;

const isFaultCode = (code: string): code is FaultCode => Object.hasOwn(kinds, code);

/** A fault of the server's own kinds, with the kind's hint. */
export function fault(code: FaultCode, message: string): VarveError {
  const kind: Kind = kinds[code];
  return new VarveError({ code, message, hint: kind.hint, retryable: kind.retryable ?? false });
}

/** What may go well in a moment. */
export const isPassing = (thrown: unknown): thrown is VarveError => thrown instanceof VarveError && thrown.retryable;

/** What to do about the code; undefined where it is none of the server's own. */
export function hintOf(code: string): string | undefined {
  return isFaultCode(code) ? kinds[code].hint : undefined;
}

/** The HTTP status of an answer that has no data because of this code. */
export function statusOf(code: string, retryable: boolean): number {
  if (isFaultCode(code)) return kinds[code].status;
  return retryable ? 503 : 500;
}
