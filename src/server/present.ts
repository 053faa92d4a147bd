import { GraphQLError, type GraphQLErrorExtensions, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { newUuid, VarveError } from '#base';
import { ErrorAfterAccepted } from './accepted.ts';
import { shortened } from './errors.ts';
import { hintOf } from './faults.ts';

/**
 * Turns the errors of one result into what its client may see. What it may not see, and what is the operator's to mend, is logged, once, under one
 * correlation id.
 */
export function presentErrors(errors: readonly unknown[], logger: Logger): GraphQLFormattedError[] {
  const correlationId = newUuid();
  const logged = new Set<string>();
  const log = (error: unknown, cause: unknown, words: string): void => {
    const kind = stackOf(cause);
    if (!logged.has(kind)) logger.error({ correlationId, err: cause, ...placeOf(error) }, words);
    logged.add(kind);
  };
  const present = (error: unknown): GraphQLFormattedError => {
    const cause = rootOf(error);
    const known = asFault(cause) ?? asGraphQLError(error, cause);
    const isOperators = operators.test(String(known?.['code']));
    if (isOperators) log(error, cause, 'An operation failed by what the operator can mend.');
    if (known) return { message: messageOf(error), ...placeOf(error), extensions: { ...known, ...(isOperators && { correlationId }) } };
    log(error, cause, 'An unexpected error was masked.');
    return { message: 'Something went wrong on our side.', ...placeOf(error), extensions: withHint({ code: 'INTERNAL', correlationId }) };
  };
  return errors.map((error) => (error instanceof ErrorAfterAccepted ? error.shown(present(error)) : present(error)));
}

/** Codes of faults that only an operator, or whoever wrote the domain, can mend. */
const operators = /^(STORAGE_|EVENT_UNKNOWN$|COMMAND_TOO_SLOW$)/;

/** The error that was thrown, under those that say where in the document it was. */
function rootOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? rootOf(error.originalError) : error;
}

function asFault(cause: unknown): GraphQLErrorExtensions | undefined {
  if (!(cause instanceof VarveError) || cause.code === 'BUG' || cause.code === 'INTERNAL') return undefined;
  return { code: cause.code, hint: cause.hint, ...(cause.retryable && { retryable: true }) };
}

/**
 * GraphQL's own errors speak of the request and are shown, except those that speak of the server's values: an error without
 * a code, met while a field was resolved, that points at nothing in the document, is a scalar that could not be serialised.
 */
function asGraphQLError(error: unknown, cause: unknown): GraphQLErrorExtensions | undefined {
  if (!(error instanceof GraphQLError) || !(cause instanceof GraphQLError)) return undefined;
  const { http, unexpected, ...extensions } = { ...cause.extensions, ...error.extensions };
  if (unexpected) return undefined;
  // Yoga says BAD_REQUEST of a mutation by GET too, which it gives this status.
  if (http?.status === 405) return withHint({ ...extensions, code: 'METHOD_NOT_ALLOWED' });
  if (typeof extensions['code'] === 'string') return withHint(extensions);
  const ofTheServer = error.path !== undefined && cause.nodes === undefined && cause.constructor === GraphQLError;
  return ofTheServer ? undefined : withHint({ ...extensions, code: 'BAD_USER_INPUT' });
}

function withHint(extensions: GraphQLErrorExtensions): GraphQLErrorExtensions {
  const hint = hintOf(String(extensions['code']));
  return hint === undefined ? extensions : { hint, ...extensions };
}

function placeOf(error: unknown): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  return { ...(error.locations && { locations: error.locations }), ...(error.path && { path: error.path }) };
}

const messageOf = (error: unknown): string => shortened(error instanceof Error ? error.message : String(error));
const stackOf = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
