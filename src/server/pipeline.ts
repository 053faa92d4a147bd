import type { ExecutionResult } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { acceptable } from './accept.ts';
import { answer, resultText, wrapped } from './answer.ts';
import { documentCaches, documentLimits } from './document.ts';
import { fault } from './faults.ts';
import type { LiveStreams } from './livestreams.ts';
import { operations } from './operation.ts';
import type { ServerOptions } from './options.ts';
import { paramsOfBody, paramsOfUrl } from './params.ts';
import { eventHeaders, eventStream, singleEvent } from './sse.ts';
import type { Underway } from './underway.ts';

/** The one way that every request takes: parameters, limits, validation, execution, answer. */
export function createPipeline<Context>(options: ServerOptions<Context>, streams: LiveStreams, underway: Underway) {
  return createYoga<WithBody>({
    schema: options.schema,
    graphqlEndpoint: '/graphql',
    plugins: [parameters, documentLimits(options.schema), operations(options, streams, underway), answers(options.logger)],
    parserAndValidationCache: documentCaches(),
    // Errors are masked where they are written, in one place for every transport.
    maskedErrors: false,
    // All of this is done before Yoga, or not at all.
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false,
    logging: false,
  });
}

/** A POST's body, read before Yoga, beside its request. */
export interface WithBody {
  readonly body?: Buffer;
}

/** Reads parameters instead of Yoga's own parsers, which would take forms and plain text too. */
const parameters: Plugin<object, WithBody> = {
  onRequestParse({ url, setRequestParser, serverContext: { body } }) {
    setRequestParser(() => ({ ...(body ? paramsOfBody(body) : paramsOfUrl(url.searchParams)) }));
  },
};

/** Writes results instead of Yoga's own processors: ids on events, our errors, our statuses. */
function answers(logger: Logger): Plugin {
  const text = {
    result: (result: ExecutionResult) => resultText(result, logger),
    failure: (error: unknown) => resultText({ errors: [wrapped(error)] }, logger),
  };
  return {
    onResultProcess({ request, setResultProcessor }) {
      const { json, events } = acceptable(request.headers.get('accept'));
      setResultProcessor((result, { Response }) => {
        if (Array.isArray(result)) throw fault('INTERNAL', 'Several results for one operation.');
        if (Symbol.asyncIterator in result)
          return new Response(eventStream(result[Symbol.asyncIterator](), text), { headers: eventHeaders });
        const { status, headers, body } = answer(result, json ?? 'application/json', logger);
        if (json || !events) return new Response(body, { status, headers });
        return new Response(singleEvent(body), { status, headers: { ...headers, ...eventHeaders } });
      }, json ?? 'text/event-stream');
    },
  };
}
