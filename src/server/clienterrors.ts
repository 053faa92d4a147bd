import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { limits, type Timers, type VarveError } from '#base';
import { answerTo } from './answer.ts';
import { fault } from './faults.ts';
import { refuseUpgrade } from './reply.ts';

/**
 * Answers what Node's parser gives up on, before it is a request, in the same words as everything else: Node itself would send a bare
 * status. Where an answer is on its way already there is nothing to add: the connection is cut.
 */
export function answerClientErrors(server: Server, logger: Logger, timers: Timers): void {
  const answering = new WeakMap<Duplex, readonly ServerResponse[]>();
  const told = new WeakSet<Duplex>();
  const underway = (socket: Duplex) => (answering.get(socket) ?? []).filter(({ writableFinished }) => !writableFinished);
  // Several where requests are pipelined.
  server.on('request', ({ socket }, response) => answering.set(socket, [...underway(socket), response]));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Whatever still comes on a connection that has been told is met by the parser too.
    if (told.has(socket)) return;
    const isAnswered = underway(socket).some(({ headersSent }) => headersSent);
    if (!socket.writable || isAnswered || error.code === 'ECONNRESET') return void socket.destroy();
    told.add(socket);
    const { status, headers, body } = answerTo(faultOf(error), logger);
    refuseUpgrade(socket, { status, headers: { ...headers, 'x-content-type-options': 'nosniff' }, body }, timers);
  });
}

function faultOf({ code, message }: NodeJS.ErrnoException): VarveError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return fault('HEADERS_TOO_LARGE', `The request's line and headers have more than ${limits.headersBytesMax} bytes.`);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return fault(
      'REQUEST_TIMEOUT',
      `The request did not arrive in time: its headers may take ${limits.headersWaitMs} ms, all of it ${limits.requestWaitMs} ms.`,
    );
  return fault('MALFORMED_REQUEST', `What was sent is no HTTP request: ${message}.`);
}
