import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on a free port, prints its address, and ends when it is told to. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  process.on('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
  });
}
