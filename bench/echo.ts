/** The baseline: what a bare node:http server does with the same request. Told a number, it answers so many bytes instead. Prints its port. */
import { createServer } from 'node:http';
import { listen } from './listen.ts';

const [bytes] = process.argv.slice(2);
const answer = bytes === undefined ? undefined : Buffer.alloc(Number(bytes), '"sku" ');

listen(
  createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = answer ?? Buffer.concat(chunks);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    });
  }),
);
