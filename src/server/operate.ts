import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Timers } from '#base';
import { parseReached } from '#livestream';
import { type Acceptable, acceptable } from './accept.ts';
import { answerAccepted, resultText, wrapped } from './answer.ts';
import type { Carrier } from './carrier.ts';
import { EventStream } from './eventstream.ts';
import type { Params } from './params.ts';
import type { Admitted, Asked, Pipeline } from './pipeline.ts';
import { refuse, send } from './reply.ts';
import type { Subscriptions } from './subscriptions.ts';

type HttpAnswer = (request: IncomingMessage, response: ServerResponse, params: Params) => Promise<void>;

/** What answers operations that come by HTTP. */
export interface HttpParts {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly streams: Set<EventStream>;
  readonly logger: Logger;
  readonly timers: Timers;
  readonly shortWay: boolean;
}

/** Answers operations that come by HTTP: subscriptions by a stream of events where the client takes one, all else by a single answer. */
export function httpOperations(parts: HttpParts): HttpAnswer {
  const [short, whole] = [shortWay(parts), wholeWay(parts)];
  return async (request, response, params) => {
    await (parts.shortWay && request.method === 'POST' ? short : whole)(request, response, params);
  };
}

/** The pipeline without Yoga's handling of requests, and so without its web-standard objects: a request is read and answered as Node has it. */
function shortWay(parts: HttpParts): HttpAnswer {
  const { pipeline, logger } = parts;
  return async (request, response, params) => {
    const accepted = acceptable(request.headers.accept);
    const asked: Asked = { params, carrier: { headers: request.headers } };
    const admitted = pipeline.admit(asked);
    if (accepted.events && 'document' in admitted && admitted.isSubscription) return stream(parts, request, response, admitted, accepted);
    const result = 'document' in admitted ? await admitted.execute() : { errors: admitted };
    send(response, answerAccepted(result, accepted, logger));
  };
}

/** All that HTTP and GraphQL have to say of a GET, Yoga's own handler says. */
function wholeWay(parts: HttpParts): HttpAnswer {
  const { pipeline } = parts;
  return async (request, response, params) => {
    const accepted = acceptable(request.headers.accept);
    const asked: Asked = { params, carrier: { headers: request.headers } };
    // A document that holds no such word is no subscription, and need not be looked at twice.
    const admitted = accepted.events && params.query.includes('subscription') ? admittedBy(pipeline, asked) : undefined;
    if (admitted?.isSubscription) await stream(parts, request, response, admitted, accepted);
    else await pipeline.handle(request, response, asked);
  };
}

async function stream(
  { subscriptions, streams, logger, timers }: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  admitted: Admitted,
  accepted: Acceptable,
): Promise<void> {
  const events = new EventStream(response, (error) => resultText({ errors: [wrapped(error)] }, logger), timers);
  response.once('close', () => streams.delete(events));
  streams.add(events);
  const result = await subscriptions.open(admitted.args, { headers: request.headers, ...goingOn(request) }, events);
  if (result) await refuse(request, response, answerAccepted(result, accepted, logger), timers);
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
