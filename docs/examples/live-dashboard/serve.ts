import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const file = (name: string, type: string) => ({ type: `${type}; charset=utf-8`, name: join(import.meta.dirname, name) });

/** All that there is: no path leads to another file. */
const files: ReadonlyMap<string, ReturnType<typeof file>> = new Map([
  ['/', file('index.html', 'text/html')],
  ['/style.css', file('style.css', 'text/css')],
  ...['dashboard', 'stream', 'sales', 'chart', 'elements', 'words'].map(
    (name) => [`/${name}.js`, file(`${name}.js`, 'text/javascript')] as const,
  ),
]);

/** The page runs its own scripts only; where the shop is, its user says, so it may ask any host. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src http: https:; base-uri 'none'";

const answer: RequestListener = ({ method, url = '/' }, response) => {
  const found = method === 'GET' ? files.get(url.split('?', 1)[0] ?? '/') : undefined;
  if (!found) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n');
  const headers = { 'content-type': found.type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' };
  // Read at each request, so that a change shows on reload.
  response.writeHead(200, { ...headers, 'cache-control': 'no-store' }).end(readFileSync(found.name));
};

const port = Number(process.argv[2] ?? 4001);
if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
  console.error('Usage: node docs/examples/live-dashboard/serve.ts [PORT]');
  process.exit(2);
}
const server = createServer(answer);
server.on('error', ({ message }) => {
  console.error(`${message}\nGive another port: node docs/examples/live-dashboard/serve.ts PORT`);
  process.exitCode = 1;
});
server.listen(port, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  console.log(`The dashboard is at ${origin}/\nThe shop must let it in: npm run varve -- serve --origin ${origin}`);
});
