import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemTimers } from '#base';
import { acceptable, wantsPage } from './accept.ts';
import { answerAccepted, answerTo, wrapped } from './answer.ts';
import { readBody } from './body.ts';
import { fault } from './faults.ts';
import { graphiqlPage } from './graphiql.ts';
import { crossOriginHeaders, guard } from './guards.ts';
import { hostGuard } from './hosts.ts';
import type { ServerOptions } from './options.ts';
import { type Params, paramsOfBody, paramsOfUrl } from './params.ts';
import { refuse, sendJson } from './reply.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Answers an operation that came by HTTP. */
type Answer = (request: IncomingMessage, response: ServerResponse, params: Params) => Promise<void>;

/** Leads each request to its handler; whatever is thrown on the way becomes an answer. */
export function router<Context>(options: ServerOptions<Context>, answer: Answer, isStopping: () => boolean): Handler {
  const graphql = graphqlHandler(options, answer, isStopping);
  const guardHost = hostGuard(options);
  const { logger, timers = systemTimers } = options;
  const handlers = new Map<string, Handler>([
    ['/', home],
    ['/graphql', graphql],
    ['/graphql/', graphql],
    ['/health', health(options, isStopping)],
  ]);
  return async (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    response.setHeader('x-content-type-options', 'nosniff');
    if (isStopping()) response.setHeader('connection', 'close');
    try {
      guardHost(request);
      await (handlers.get(path) ?? nowhere)(request, response);
    } catch (error) {
      await refuse(request, response, answerTo(error, logger), timers);
    }
  };
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const nowhere: Handler = ({ method, url = '/' }) => {
  throw fault('NOT_FOUND', `There is nothing at ${method} ${url.slice(0, 200)}.`);
};

const home: Handler = (request, response) => {
  if (!isRead(request) || !wantsPage(request.headers.accept)) return nowhere(request, response);
  response.writeHead(302, { location: '/graphql', 'content-length': 0 }).end();
};

function health<Context>(options: ServerOptions<Context>, isStopping: () => boolean): Handler {
  return async (request, response) => {
    if (!isRead(request)) return nowhere(request, response);
    const { status: own, position, ...store } = await options.health();
    const status = isStopping() ? 'stopping' : own;
    response.setHeader('cache-control', 'no-store');
    sendJson(response, status === 'ok' ? 200 : 503, { status, position: String(position), ...store });
  };
}

function graphqlHandler<Context>(
  { graphiql, origins = [], logger, timers = systemTimers }: ServerOptions<Context>,
  answer: Answer,
  isStopping: () => boolean,
): Handler {
  const page = graphiql && graphiqlPage(graphiql);
  return async (request, response) => {
    if (page && isRead(request) && wantsPage(request.headers.accept)) return page(request, response);
    try {
      for (const [name, value] of Object.entries(crossOriginHeaders(request, origins))) response.setHeader(name, value);
      if (isStopping()) throw fault('SHUTTING_DOWN', 'The server is stopping.');
      if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-origin')) return void response.writeHead(204).end();
      guard(request);
      await answer(request, response, await sentWith(request));
    } catch (error) {
      await refuse(request, response, answerAccepted({ errors: [wrapped(error)] }, acceptable(request.headers.accept), logger), timers);
    }
  };
}

async function sentWith(request: IncomingMessage): Promise<Params> {
  if (request.method === 'POST') return paramsOfBody(await readBody(request));
  return paramsOfUrl(new URL(request.url ?? '/', 'http://localhost').searchParams);
}
