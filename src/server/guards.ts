import type { IncomingMessage } from 'node:http';
import { acceptable } from './accept.ts';
import { fault } from './faults.ts';

/** Refuses what is no GraphQL request before anything of it is read. Throws; a request that passes has a JSON body, or is a GET. */
export function guard({ method, headers }: IncomingMessage): void {
  if (method !== 'GET' && method !== 'POST') throw fault('METHOD_NOT_ALLOWED', `GraphQL is not asked by ${method}.`);
  const { json, events } = acceptable(headers.accept);
  if (!json && !events) throw fault('NOT_ACCEPTABLE', 'The request accepts no media type that GraphQL is answered in.');
  if (method === 'GET') return;
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') throw fault('UNSUPPORTED_MEDIA_TYPE', `A body of type ${JSON.stringify(type)} is not taken.`);
  const charset = parameters.find((one) => one.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && charset.replaceAll('"', '') !== 'utf-8') throw fault('UNSUPPORTED_MEDIA_TYPE', 'JSON is UTF-8.');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw fault('UNSUPPORTED_MEDIA_TYPE', 'A compressed body is not taken.');
}

/**
 * Says which headers let the request's origin use the API. None where the page is the server's own, or no page at all. Throws
 * `ORIGIN_REFUSED` for every other origin that is not configured: a browser would send a page's request before it asks.
 */
export function crossOriginHeaders({ headers, method }: IncomingMessage, origins: readonly string[]): Record<string, string> {
  const { origin, host } = headers;
  if (origin === undefined || isOwn(origin, host)) return {};
  if (!origins.includes(origin)) throw fault('ORIGIN_REFUSED', `Pages of ${origin.slice(0, 200)} may not use this API.`);
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'retry-after',
    vary: 'origin',
    ...(method === 'OPTIONS' && {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': headers['access-control-request-headers'] ?? 'content-type',
      'access-control-max-age': '600',
    }),
  };
}

/** The scheme is left out of it: behind a proxy that ends TLS, the server sees another than the browser. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase().replace(/:(80|443)$/, '');
}
