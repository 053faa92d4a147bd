import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, ExecutionResult, FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits, systemTimers } from '#base';
import { answerTo, passingFault, presentable, wrapped } from './answer.ts';
import type { Carrier } from './carrier.ts';
import { fault } from './faults.ts';
import { crossOriginHeaders } from './guards.ts';
import { hostGuard } from './hosts.ts';
import { Line } from './line.ts';
import type { ServerOptions } from './options.ts';
import { paramsOf } from './params.ts';
import type { Admitted, Pipeline } from './pipeline.ts';
import { presentErrors } from './present.ts';
import { keepAlive } from './pulse.ts';
import { refuseHandshake, refuseUpgrade } from './reply.ts';
import { SocketStream } from './socketstream.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What operations that come over WebSocket are answered by. */
export interface SocketParts {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly options: Pick<ServerOptions<unknown>, 'host' | 'origins' | 'heartbeatMs' | 'logger' | 'timers'>;
  isStopping(): boolean;
}

/** GraphQL over WebSocket, by the protocol `graphql-transport-ws`. */
export interface Sockets {
  /** Takes a request to become a WebSocket, or refuses it in words. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes all of them by a code that tells clients to come back, each as soon as no query and no mutation is under way on it. */
  restartIdle(): void;
  /** Closes all of them by that code. */
  restartAll(): void;
  /** Ends the connections of those that did not close. */
  endAll(): void;
}

interface Extra {
  readonly line: Line;
  readonly request: IncomingMessage;
}
type Connection = Context<Record<string, unknown> | undefined, Extra>;

/** An operation on its way through graphql-ws. */
interface Running {
  readonly admitted: Admitted;
  readonly carrier: Carrier;
  readonly line: Line;
  /** By which graphql-ws knows it. */
  readonly number: string;
}

/** Serves WebSockets. The sub-protocol, its order of messages and its close codes are graphql-ws's; operations go through the pipeline. */
export function webSockets(parts: SocketParts): Sockets {
  const { origins = [], heartbeatMs = limits.heartbeatMs, logger, timers = systemTimers } = parts.options;
  const protocol = protocolServer(parts);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const lines = new Set<Line>();
  const guardHost = hostGuard(parts.options);
  const guard = (request: IncomingMessage): void => {
    guardHost(request);
    if (!/^\/graphql\/?(\?|$)/.test(request.url ?? '')) throw fault('NOT_FOUND', `There is no WebSocket at ${request.url?.slice(0, 200)}.`);
    if (parts.isStopping()) throw fault('SHUTTING_DOWN', 'The server is stopping.');
    crossOriginHeaders(request, origins);
    if (server.clients.size >= limits.socketsMax) throw fault('TOO_MANY_STREAMS', `${limits.socketsMax} WebSockets are open already.`);
  };
  server.on('wsClientError', ({ message }, duplex) =>
    refuseHandshake(duplex, answerTo(fault('BAD_HANDSHAKE', `${message}.`), logger), timers),
  );
  return {
    upgrade: (request, duplex, head) => {
      // What goes wrong on a connection that is not yet a WebSocket, its client hears of by its end.
      duplex.on('error', () => duplex.destroy());
      try {
        guard(request);
      } catch (error) {
        return refuseUpgrade(duplex, answerTo(error, logger), timers);
      }
      server.handleUpgrade(request, duplex, head, (socket) => {
        keepAlive(socket, request.socket, heartbeatMs, timers);
        const line = serve(protocol, socket, request);
        lines.add(line);
        socket.once('close', () => lines.delete(line));
      });
    },
    endAll: () => {
      for (const socket of server.clients) socket.terminate();
    },
    restartIdle: () => {
      for (const line of lines) line.restart();
    },
    restartAll: () => {
      for (const line of lines) line.restartNow();
    },
  };
}

/** Hands a WebSocket to graphql-ws. */
function serve(protocol: ReturnType<typeof protocolServer>, socket: WebSocket, request: IncomingMessage): Line {
  const line = new Line(socket);
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      close: (code, reason) => line.end(code, reason),
      send: (text) => line.say(text),
      onMessage: (take) => void socket.on('message', (data) => void line.hear(String(data), take)),
    },
    { line, request },
  );
  // A frame that is too large or malformed: ws closes by the code that says so.
  socket.on('error', () => undefined);
  socket.once('close', (code, reason) => {
    line.closed();
    void closed(code, String(reason));
  });
  return line;
}

function protocolServer(parts: SocketParts) {
  const {
    subscriptions,
    options: { logger },
  } = parts;
  const presented = (error: unknown): GraphQLError[] => [wrapped(error)];
  return makeServer<Record<string, unknown> | undefined, Extra>({
    connectionInitWaitTimeout: limits.handshakeWaitMs,
    // graphql-ws keeps it for as long as the connection lasts.
    onConnect: ({ connectionParams = {} }) => JSON.stringify(connectionParams).length <= limits.handshakeLengthMax,
    onSubscribe: (connection, number, payload) => {
      try {
        return admit(parts, connection, number, payload);
      } catch (error) {
        return presented(error);
      }
    },
    execute: async (args) => {
      const { admitted } = runningOf(args);
      return admitted.execute().catch((error: unknown) => ({ errors: presented(error) }));
    },
    subscribe: async (args) => {
      const { admitted, carrier, line, number } = runningOf(args);
      const stream = new SocketStream(line, number, () => subscriptions.abandon(stream));
      // It may have been given up by the very next message.
      if (line.operations.idOf(number) === undefined) {
        stream.giveUp();
        return stream;
      }
      const refused = await subscriptions.open(admitted.args, carrier, stream).catch((error: unknown) => ({ errors: presented(error) }));
      const passing = refused && passingFault(refused);
      if (passing) stream.refuse(passing);
      else if (refused) stream.giveUp();
      return passing || !refused ? stream : refused;
    },
    onNext: (_, __, ___, ____, result) => presentable(result as ExecutionResult, logger) as FormattedExecutionResult,
    onError: (_, __, ___, errors): readonly GraphQLFormattedError[] => presentErrors(errors, logger),
  });
}

/** Checks an operation as every transport's are. Throws what refuses it. */
function admit(
  { pipeline, isStopping }: SocketParts,
  connection: Connection,
  number: string,
  payload: SubscribePayload,
): ExecutionArgs | readonly GraphQLError[] {
  const { line, request } = connection.extra;
  if (line.underway > limits.streamsPerSocketMax)
    throw fault('TOO_MANY_STREAMS', `The connection has its ${limits.streamsPerSocketMax} operations under way already.`);
  const { length } = line.operations.idOf(number) ?? '';
  if (length > limits.idLengthMax) throw fault('BAD_REQUEST', `An operation's id has at most ${limits.idLengthMax} characters.`);
  const carrier: Carrier = { headers: request.headers };
  const params = paramsOf(payload);
  const admitted = pipeline.admit({ params, carrier });
  if (!('document' in admitted)) return admitted;
  if (!admitted.isSubscription) {
    if (isStopping()) throw fault('SHUTTING_DOWN', 'The server is stopping.');
    line.executes(number);
  }
  const running: Running = { admitted, carrier, line, number };
  return { ...admitted.args, contextValue: running };
}

/** What `admit` put there: nothing else makes arguments. */
const runningOf = ({ contextValue }: ExecutionArgs): Running => contextValue as Running;
