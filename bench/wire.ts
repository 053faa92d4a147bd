import { connect, type Socket } from 'node:net';

const crlf = '\r\n';

/** A GraphQL request as it goes over the wire: what {@link Socket}s send where a client must cost as little as it can. */
export function requestOf(body: string, accept = 'application/json'): string {
  const head = [
    'POST /graphql HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    `accept: ${accept}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return head.join(crlf) + crlf + crlf + body;
}

/** The length of the first whole answer in the text, of which each letter is a byte; 0 where it is not all there. */
export function answerLength(text: string): number {
  const end = text.indexOf(crlf + crlf);
  if (end < 0) return 0;
  const [, length] = /content-length: (\d+)/i.exec(text.slice(0, end)) ?? [];
  if (length !== undefined) return text.length >= end + 4 + Number(length) ? end + 4 + Number(length) : 0;
  const last = text.indexOf(`${crlf}0${crlf}${crlf}`, end);
  return last < 0 ? 0 : last + 7;
}

/** Connects to loopback. What comes is read as text of a byte a letter; `onFault` hears of faults, also of later ones. */
export const connected = (port: number, onFault?: (fault: Error) => void): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.setEncoding('latin1');
    socket.on('error', onFault ?? reject);
  });
