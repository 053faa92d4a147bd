import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server, by which tests cut connections and delay what the server says. On loopback. */
export interface Proxy extends AsyncDisposable {
  /** The server's address, by way of the proxy. */
  readonly url: string;
  /** Breaks every connection off, at both ends. */
  cut(): void;
  /** Breaks every connection off, and each new one, until `accept`. */
  refuse(): void;
  accept(): void;
  /** From here on keeps back what the server sends, until `release`. */
  hold(): void;
  release(): void;
  /** How much is kept back. */
  readonly heldBytes: number;
}

/** Starts a proxy on a free port. */
export async function startProxy(target: string): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let held: (readonly [Socket, Buffer])[] | undefined;
  let isRefusing = false;
  const { hostname, port } = new URL(target);
  const server = createServer((client) => {
    if (isRefusing) return void client.resetAndDestroy();
    const upstream = connect({ host: hostname, port: Number(port) });
    join(client, upstream, pairs);
    client.pipe(upstream);
    upstream.on('data', (chunk) => void (held ? held.push([client, chunk]) : client.write(chunk)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut,
    refuse: () => {
      isRefusing = true;
      cut();
    },
    accept: () => {
      isRefusing = false;
    },
    hold: () => {
      held ??= [];
    },
    release: () => {
      for (const [client, chunk] of held ?? []) client.write(chunk);
      held = undefined;
    },
    get heldBytes() {
      return (held ?? []).reduce((sum, [, { length }]) => sum + length, 0);
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One end's end is the other's. */
function join(client: Socket, upstream: Socket, pairs: Set<readonly [Socket, Socket]>): void {
  const pair = [client, upstream] as const;
  pairs.add(pair);
  for (const [one, other] of [pair, pair.toReversed()] as readonly (readonly [Socket, Socket])[]) {
    one.on('error', () => undefined);
    one.once('close', () => {
      pairs.delete(pair);
      other.destroy();
    });
  }
}
