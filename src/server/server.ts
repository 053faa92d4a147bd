import { createServer, type IncomingMessage, type Server } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { limits, systemTimers, VarveError } from '#base';
import { answerClientErrors } from './clienterrors.ts';
import type { EventStream } from './eventstream.ts';
import { compiledExecution, plainExecution } from './execution.ts';
import { httpOperations } from './operate.ts';
import type { ListeningOptions, RunningServer, ServerOptions } from './options.ts';
import { createPipeline } from './pipeline.ts';
import { router } from './route.ts';
import { subscriptions } from './subscriptions.ts';
import { underwayCount } from './underway.ts';
import { webSockets } from './websocket.ts';

/** A server that listens nowhere: it answers on the connections that it is handed. */
export interface OpenServer {
  /** Answers on a connection, whatever it is made of. */
  accept(connection: Duplex): void;
  /** Stops, as {@link RunningServer.close} does. */
  close(): Promise<void>;
}

/** Starts a server. Throws `CANNOT_LISTEN` where the address is taken or not this machine's. */
export async function startServer<Context>(options: ListeningOptions<Context>): Promise<RunningServer> {
  const { server, close } = opened(options);
  await listen(server, options.port, options.host ?? '127.0.0.1');
  return { ...whereOf(server), close };
}

/** Opens a server that listens nowhere. */
export function openServer<Context>(options: ServerOptions<Context>): OpenServer {
  const { server, close } = opened(options);
  return { accept: (connection) => void server.emit('connection', connection), close };
}

function opened<Context>(options: ServerOptions<Context>): Pick<OpenServer, 'close'> & { readonly server: Server } {
  const { logger, shortWay = true, timers = systemTimers } = options;
  const underway = underwayCount(timers);
  let stopping: Promise<void> | undefined;
  const isStopping = (): boolean => stopping !== undefined;
  const execution = (options.compiled ?? true) ? compiledExecution(options.schema) : plainExecution;
  const pipeline = createPipeline(options, underway, execution);
  const live = subscriptions(options, execution);
  const streams = new Set<EventStream>();
  const route = router(options, httpOperations({ pipeline, subscriptions: live, streams, logger, timers, shortWay }), isStopping);
  const sockets = webSockets({ pipeline, subscriptions: live, options, isStopping });
  const stopBeating = timers.every((options.heartbeatMs ?? limits.heartbeatMs) / 2, () => {
    for (const stream of streams) stream.beat();
  });
  const server = createServer(serverOptions, (request, response) => {
    const begun = performance.now();
    const end = underway.begin();
    response.once('close', () => {
      end();
      const { method, url = '' } = request;
      options.logger.debug(
        { method, path: url.split('?', 1)[0], status: response.statusCode, ms: Math.round(performance.now() - begun) },
        'request',
      );
    });
    void route(request, response);
  });
  answerClientErrors(server, logger, timers);
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));
  const stop = async (): Promise<void> => {
    await stopListening(server, async () => {
      live.restartAll();
      sockets.restartIdle();
      stopBeating();
      const isIdle = await underway.idle(options.shutdownWaitMs ?? limits.shutdownWaitMs);
      // Where all is done, each socket closes by itself when its last answer is with it.
      if (!isIdle) sockets.restartAll();
      // A client that has just been answered sends its next request at once: it should hear SHUTTING_DOWN, not a broken connection.
      await new Promise<void>((resolve) => void timers.after(limits.shutdownRefuseMs, resolve));
      sockets.endAll();
    });
  };
  return { server, close: () => (stopping ??= stop()) };
}

const serverOptions = {
  maxHeaderSize: limits.headersBytesMax,
  headersTimeout: limits.headersWaitMs,
  requestTimeout: limits.requestWaitMs,
  keepAliveTimeout: limits.connectionIdleMs,
  connectionsCheckingInterval: 5_000,
  noDelay: true,
  // Other protocols than WebSocket are not switched to: such a request is answered as it stands.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new VarveError({
          code: 'CANNOT_LISTEN',
          message: `The server cannot listen on ${host}:${port}: ${cause.code === 'EADDRINUSE' ? 'the port is taken' : cause.message}.`,
          hint: 'Choose another port (0 for any free one) or host, or stop what listens there.',
          cause,
        }),
      );
    });
    server.listen({ port, host }, resolve);
  });
}

function whereOf(server: Server): { port: number; url: string } {
  const address = server.address();
  const { port, address: host } = typeof address === 'object' && address ? address : { port: 0, address: 'localhost' };
  const anywhere = host === '0.0.0.0' || host === '::';
  return { port, url: `http://${anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}` };
}

/**
 * Closes the server after the work. Meanwhile it listens, so that whoever comes is refused in words: to end it is to reset those who are just being
 * connected. `http.Server.close` would cut idle connections at once, and with them a request on its way: connections are closed at the very end.
 */
async function stopListening(server: Server, work: () => Promise<void>): Promise<void> {
  await work();
  const closed = new Promise<void>((resolve) => net.Server.prototype.close.call(server, () => resolve()));
  server.closeIdleConnections();
  // The last answers are with the operating system by now; their connections count as idle a moment later.
  setImmediate(() => server.closeAllConnections());
  await closed;
  server.close();
}
