import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { parseReached } from '#livestream';
import { type Acceptable, acceptable } from './accept.ts';
import { answerAccepted, resultText, wrapped } from './answer.ts';
import type { Carrier } from './carrier.ts';
import { EventStream } from './eventstream.ts';
import { isSubscription } from './executions.ts';
import type { Params } from './params.ts';
import type { Asked, Pipeline } from './pipeline.ts';
import { refuse } from './reply.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What answers operations that come by HTTP. */
export interface HttpParts {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly streams: Set<EventStream>;
  readonly logger: Logger;
}

/** Answers operations that come by HTTP: subscriptions by a stream of events where the client takes one, all else by the pipeline. */
export function httpOperations(parts: HttpParts): (request: IncomingMessage, response: ServerResponse, params: Params) => Promise<void> {
  const { pipeline } = parts;
  return async (request, response, params) => {
    const accepted = acceptable(request.headers.accept);
    const asked: Asked = { params, carrier: { headers: request.headers } };
    // A document that holds no such word is no subscription, and need not be looked at twice.
    const streamed = accepted.events && params.query.includes('subscription') && (await stream(parts, request, response, asked, accepted));
    if (!streamed) await pipeline.handle(request, response, asked);
  };
}

/** Answers a subscription; false: it is none, or it is refused, which the pipeline says as it says it of everything. */
async function stream(
  { pipeline, subscriptions, streams, logger }: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
  accepted: Acceptable,
): Promise<boolean> {
  const admitted = admittedBy(pipeline, asked);
  if (!admitted || !isSubscription(admitted.document, asked.params.operationName)) return false;
  const events = new EventStream(response, (error) => resultText({ errors: [wrapped(error)] }, logger));
  response.once('close', () => streams.delete(events));
  streams.add(events);
  const result = await subscriptions.open(admitted.args, { ...asked.carrier, ...goingOn(request) }, events);
  if (result) await refuse(request, response, answerAccepted(result, accepted, logger));
  return true;
}

function admittedBy(pipeline: Pipeline, asked: Asked) {
  try {
    const admitted = pipeline.admit(asked);
    return 'document' in admitted ? admitted : undefined;
  } catch {
    return undefined; // The pipeline meets the same fault, and answers it.
  }
}

/** An EventSource that was cut off asks again just as it did at first, but for this header. */
function goingOn({ headers }: IncomingMessage): Pick<Carrier, 'reached'> {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? { reached: parseReached(id) } : {};
}
