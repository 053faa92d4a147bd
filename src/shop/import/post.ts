import { z } from 'zod';
import { importLimits } from './limits.ts';
import { documents, type ImportCommand } from './operations.ts';

/** What one command led to. */
export type Answer =
  /** Done, now or (`replayed`) before. */
  | { readonly outcome: 'accepted'; readonly replayed: boolean }
  /** An expected refusal; `type` is its GraphQL type. */
  | { readonly outcome: 'refused'; readonly type: string; readonly code: string; readonly message: string }
  /** A fault: of the server, or (`unreachable`) of the way to it. */
  | {
      readonly outcome: 'failed';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
      readonly unreachable: boolean;
    };

const Body = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string().optional(), retryable: z.boolean().optional() }).optional(),
      }),
    )
    .min(1)
    .optional(),
});
const Result = z.object({
  result: z.union([
    z.object({ __typename: z.string(), replayed: z.boolean() }),
    z.object({ __typename: z.string(), code: z.string(), message: z.string() }),
  ]),
});
const Probe = z.object({ position: z.string() });

/** Sends a command once. Never throws: a dead server is an answer too. */
export async function send(url: URL, { mutation, commandId, input }: ImportCommand): Promise<Answer> {
  const reply = await post(url, { query: documents[mutation], variables: { input, options: { commandId } } });
  if ('outcome' in reply) return reply;
  const { success, data } = Result.safeParse(reply.data);
  if (!success) return failed('BAD_ANSWER', 'The answer is not what the shop’s schema promises.');
  const { result } = data;
  if ('replayed' in result) return { outcome: 'accepted', replayed: result.replayed };
  return { outcome: 'refused', type: result.__typename, code: result.code, message: result.message };
}

/** Asks whether a shop answers there; gives the fault where none does. */
export async function probe(url: URL): Promise<Extract<Answer, { outcome: 'failed' }> | undefined> {
  const reply = await post(url, { query: '{ position }' });
  if ('outcome' in reply) return reply;
  return Probe.safeParse(reply.data).success ? undefined : failed('BAD_ANSWER', 'The answer names no position.');
}

async function post(url: URL, request: object) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
      body: JSON.stringify(request),
      // A redirect would turn the mutation into a GET.
      redirect: 'manual',
      signal: AbortSignal.timeout(importLimits.requestTimeoutMs),
    });
    return read(response.status, await response.text());
  } catch (error) {
    return { ...failed('UNREACHABLE', describe(error), true), unreachable: true };
  }
}

function read(status: number, text: string) {
  const body = Body.safeParse(json(text));
  const fault = body.data?.errors?.[0];
  const again = status >= 500 || status === 429 || body.data?.errors?.some(({ extensions }) => extensions?.retryable) === true;
  if (fault) return failed(fault.extensions?.code ?? 'GRAPHQL_ERROR', fault.message, again);
  if (status !== 200 || !body.success) return failed(`HTTP_${status}`, `HTTP status ${status} and no GraphQL answer.`, again);
  return { data: body.data.data };
}

function failed(code: string, message: string, retryable = false) {
  return { outcome: 'failed', code, message, retryable, unreachable: false } as const;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch hides what happened in the cause, whose message may be empty (one host, several addresses). */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}
