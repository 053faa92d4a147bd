import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** What GraphiQL shows at first. */
export interface PageOptions {
  readonly title: string;
  readonly defaultQuery: string;
}

/** Answers a browser with GraphiQL, everything in one page that needs nothing from elsewhere. */
export type SendPage = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Encoding = 'br' | 'gzip' | 'identity';

const compressors: Readonly<Record<Encoding, (page: Buffer) => Promise<Buffer>>> = {
  // Level 5 takes a moment where 11 would take half a minute, and the page is 9 MB.
  br: (page) => promisify(brotliCompress)(page, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip),
  identity: async (page) => page,
};

/** The page is imported, rendered and compressed when it is first asked for, and kept. */
export function graphiqlPage(options: PageOptions): SendPage {
  const page = once(() => renderPage(options));
  const bodies = {
    br: once(async () => compressors.br((await page()).body)),
    gzip: once(async () => compressors.gzip((await page()).body)),
    identity: once(async () => (await page()).body),
  };
  return async (request, response) => {
    const { headers } = await page();
    const encoding = encodingFor(request.headers['accept-encoding'] ?? '');
    const etag = `W/${headers.etag}`;
    const known = (request.headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim() === etag);
    response.setHeaders(new Map(Object.entries({ ...headers, etag })));
    if (known) return void response.writeHead(304).end();
    const body = await bodies[encoding]();
    if (encoding !== 'identity') response.setHeader('content-encoding', encoding);
    response.writeHead(200, { 'content-length': body.length }).end(request.method === 'HEAD' ? undefined : body);
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function encodingFor(accepted: string): Encoding {
  const names = accepted
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim());
  return (['br', 'gzip'] as const).find((name) => names.includes(name)) ?? 'identity';
}

/** Keeps tabs under names of its own: another project's GraphiQL on the same host and port would leave its tabs behind. */
const storage = `{
  getItem: (name) => localStorage.getItem('varve:' + name), setItem: (name, value) => localStorage.setItem('varve:' + name, value),
  removeItem: (name) => localStorage.removeItem('varve:' + name), clear: () => {}, get length() { return localStorage.length; },
}`;

async function renderPage({ title, defaultQuery }: PageOptions) {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  // Placeholders stand for what has to be written as JavaScript or safe inside a script, which the renderer does not do.
  const mark = '@@varve@@';
  const html = renderGraphiQL({ title: text(title), defaultQuery: mark, ...{ storage: `${mark}storage` } })
    .replace(JSON.stringify(mark), () => JSON.stringify(defaultQuery).replaceAll('<', '\\u003c'))
    .replace(JSON.stringify(`${mark}storage`), () => storage);
  const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
  return { body: Buffer.from(html), headers: headersFor(html, script) };
}

const text = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const sha256 = (words: string): string => createHash('sha256').update(words).digest('base64');

/** Only the page's own script runs, by its hash; editors work in blobs and bring styles; all requests go to this server. */
function headersFor(html: string, script: string) {
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${sha256(script)}' blob:`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
    vary: 'accept, accept-encoding',
    etag: `"${sha256(html)}"`,
  };
}
