import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import type { VarveError } from '#base';
import type { Acceptable, JsonMedia } from './accept.ts';
import { isPassing, statusOf } from './faults.ts';
import { presentErrors } from './present.ts';
import { comeBack, eventHeaders, singleEvent } from './sse.ts';

/** An HTTP answer, whatever carries it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Faults of a document or its variables: with the older media type the draft wants them said in the body, under status 200. */
const saidInTheBody = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE', 'BAD_USER_INPUT']);

/** The JSON text of a result, its errors made fit to be seen. */
export function resultText(result: ExecutionResult, logger: Logger): string {
  return JSON.stringify(presentable(result, logger));
}

/** A result as an HTTP answer, its status by the GraphQL-over-HTTP draft. Never throws: a result that has no JSON is an `INTERNAL` error. */
function answer(result: ExecutionResult, media: JsonMedia, logger: Logger): Answer {
  try {
    const shown = presentable(result, logger);
    const status = 'data' in shown ? 200 : statusFor(result, shown.errors ?? [], media);
    return { status, headers: { ...headersOf(result), 'content-type': `${media}; charset=utf-8` }, body: JSON.stringify(shown) };
  } catch (error) {
    return answerTo(error, logger, media);
  }
}

/** A result in the form that the client takes: as JSON, or where it takes nothing else as a stream of one event. */
export function answerAccepted(result: ExecutionResult, { json, events }: Acceptable, logger: Logger): Answer {
  const said = answer(result, json ?? 'application/json', logger);
  if (json || !events) return said;
  // For an EventSource any status but 200 is the end, and so is `complete`. What may go well in a moment is no reason to give up.
  const passing = result.data === undefined && passingFault(result);
  if (passing) return { status: 200, headers: eventHeaders, body: comeBack(passing.code) };
  return { ...said, headers: { ...said.headers, ...eventHeaders }, body: singleEvent(said.body) };
}

/** That of a result's errors which may go well in a moment, if there is one. */
export function passingFault({ errors = [] }: ExecutionResult): VarveError | undefined {
  return errors.map(({ originalError }) => originalError).find(isPassing);
}

/** Anything thrown, as an answer. */
export function answerTo(error: unknown, logger: Logger, media: JsonMedia = 'application/json'): Answer {
  return answer({ errors: [wrapped(error)] }, media, logger);
}

/** Anything thrown, as a GraphQL error that remembers it. */
export function wrapped(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

/** A result as its client may see it. */
export interface Presentable {
  readonly errors?: readonly GraphQLFormattedError[];
  readonly data?: unknown;
  readonly extensions?: unknown;
}

/** A result, its errors made fit to be seen. */
export function presentable({ errors, data, extensions }: ExecutionResult, logger: Logger): Presentable {
  return {
    ...(errors && { errors: presentErrors(errors, logger) }),
    ...(data !== undefined && { data }),
    ...(extensions && { extensions }),
  };
}

function statusFor(result: ExecutionResult, shown: readonly GraphQLFormattedError[], media: JsonMedia): number {
  const statuses = shown.map(({ extensions }, index) => {
    const code = String(extensions?.['code']);
    if (media === 'application/json' && saidInTheBody.has(code)) return 200;
    return result.errors?.[index]?.extensions.http?.status ?? statusOf(code, extensions?.['retryable'] === true);
  });
  return Math.max(200, ...statuses);
}

/** Headers that an error asks for: `Allow`, for one. */
function headersOf({ errors = [] }: ExecutionResult): Record<string, string> {
  return Object.assign({}, ...errors.map(({ extensions }) => extensions.http?.headers));
}
