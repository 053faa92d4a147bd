import { isUtf8 } from 'node:buffer';
import { fault } from './faults.ts';
import { checkNesting } from './nesting.ts';

/** A GraphQL request as HTTP carries it. */
export interface Params {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
}

/** `operationType` is passed over: Apollo Client 4 is often seen to send it along. */
const known = new Set(['query', 'operationName', 'variables', 'extensions', 'operationType']);

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a POST's body. Throws `BAD_REQUEST` and `BODY_TOO_DEEP`. */
export function paramsOfBody(body: Buffer): Params {
  if (!isUtf8(body)) throw fault('BAD_REQUEST', 'The body is not UTF-8.');
  return paramsOf(parseJson(body.toString(), 'The body'));
}

/** Reads a GET's query string. Throws `BAD_REQUEST`. */
export function paramsOfUrl(search: URLSearchParams): Params {
  const text = (name: string): string | undefined => search.get(name) || undefined;
  const json = (name: string): unknown => {
    const value = text(name);
    return value === undefined ? undefined : parseJson(value, `The parameter "${name}"`);
  };
  return paramsOf({
    query: text('query'),
    operationName: text('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  });
}

function parseJson(text: string, what: string): unknown {
  checkNesting(text);
  try {
    return JSON.parse(text);
  } catch {
    throw fault('BAD_REQUEST', `${what} is not JSON.`);
  }
}

/** Reads parameters from what JSON gave. Throws `BAD_REQUEST`. */
export function paramsOf(given: unknown): Params {
  if (Array.isArray(given)) throw fault('BAD_REQUEST', 'Several operations in one request (batching) are not taken: send one at a time.');
  if (!isMap(given)) throw fault('BAD_REQUEST', 'The body is no JSON object.');
  refuseUnknown(given);
  const { query, operationName, variables, extensions } = given;
  if (typeof query !== 'string' || query === '') throw fault('BAD_REQUEST', '"query" is missing or no text.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw fault('BAD_REQUEST', '"operationName" is no text.');
  }
  return { query, ...(operationName && { operationName }), ...map('variables', variables), ...map('extensions', extensions) };
}

function map(name: 'variables' | 'extensions', value: unknown): Partial<Params> {
  if (value === undefined || value === null) return {};
  if (!isMap(value)) throw fault('BAD_REQUEST', `"${name}" is no JSON object.`);
  return { [name]: value };
}

/** A parameter that nobody knows is more often a typing error than meant: said, not passed over. Null ones say nothing. */
function refuseUnknown(given: Record<string, unknown>): void {
  const other = Object.keys(given).find((name) => !known.has(name) && given[name] !== null);
  if (other !== undefined) throw fault('BAD_REQUEST', `There is no parameter ${JSON.stringify(other.slice(0, 40))}.`);
}
