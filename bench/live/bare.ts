/** The baseline: a bare node:http server that writes one buffer to each of its readers. A POST that accepts no events is what it writes. Prints its port. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const readers = new Set<ServerResponse>();
const server = createServer((request, response) => {
  if (request.headers.accept === 'text/event-stream') {
    readers.add(response);
    response.on('close', () => readers.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    request.resume();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const event = Buffer.from(`event: next\nid: 1\ndata: ${Buffer.concat(chunks)}\n\n`);
    for (const reader of readers) reader.write(event);
    response.end('{"data":{}}');
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
