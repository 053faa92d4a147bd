import type { IncomingMessage } from 'node:http';
import { fault } from './faults.ts';
import type { ServerOptions } from './options.ts';

/**
 * Refuses requests that a name other than this machine's own leads here, where the server is only there for this machine: a page of any site can
 * have its own name resolve to 127.0.0.1, and would be of the same origin as the server then. Names of configured origins are let through, for a
 * proxy in front. Throws `HOST_REFUSED`.
 */
export function hostGuard({
  host = '127.0.0.1',
  origins = [],
}: Pick<ServerOptions<unknown>, 'host' | 'origins'>): (request: IncomingMessage) => void {
  if (!isLoopback(host)) return () => {};
  const names = new Set(origins.map((origin) => new URL(origin).hostname));
  // Most requests come under one name.
  let letThrough: string | undefined;
  return ({ headers }) => {
    // Browsers always send one.
    if (headers.host === undefined || headers.host === letThrough) return;
    const name = nameOf(headers.host);
    if (name !== undefined && (isLoopback(name) || names.has(name))) {
      letThrough = headers.host;
      return;
    }
    throw fault('HOST_REFUSED', `The server is not known as ${JSON.stringify(headers.host.slice(0, 200))}.`);
  };
}

/** The name in a `Host` header, without its port; undefined where it is none. */
function nameOf(host: string): string | undefined {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

/** What cannot be made to lead elsewhere: addresses of the loopback network, and `localhost` with all names below it. */
const isLoopback = (name: string): boolean => /^(127(\.\d+){3}|\[?::1\]?|(.+\.)?localhost)$/.test(name);
