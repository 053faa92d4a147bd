import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server, by which tests cut connections and delay what the server says. On loopback. */
export interface TcpProxy extends AsyncDisposable {
  /** The server's address, by way of the proxy. */
  readonly url: string;
  /** Breaks every connection off, at both ends. */
  cut(): void;
  /** Breaks every connection off when so many more bytes came from the server, in the middle of whatever they are; answers when it did. */
  cutAfter(bytes: number): Promise<void>;
  /** Breaks every connection off, and each new one, until `accept`. */
  refuse(): void;
  accept(): void;
  /** From here on keeps back what the server sends, until `release`. */
  hold(): void;
  release(): void;
  /** How much is kept back. */
  readonly heldBytes: number;
  /** Leads new connections to another server. */
  leadTo(target: string): void;
}

/** Starts a proxy on a free port. */
export async function startProxy(target: string): Promise<TcpProxy> {
  const proxy = new Proxying(target);
  await proxy.listen();
  return proxy;
}

/** One connection: its client's end, and the server's. */
type Ends = readonly [client: Socket, upstream: Socket];

class Proxying implements TcpProxy {
  #target: URL;
  readonly #server = createServer((client) => this.#join(client));
  readonly #open = new Set<Ends>();
  #held: (readonly [Socket, Buffer])[] | undefined;
  #isRefusing = false;
  #cutting: { bytes: number; done(): void } | undefined;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  get heldBytes(): number {
    return (this.#held ?? []).reduce((sum, [, { length }]) => sum + length, 0);
  }

  leadTo(target: string): void {
    this.#target = new URL(target);
  }

  cut(): void {
    for (const [client, upstream] of this.#open) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  }

  cutAfter(bytes: number): Promise<void> {
    return new Promise((done) => {
      this.#cutting = { bytes, done };
    });
  }

  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  accept(): void {
    this.#isRefusing = false;
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    for (const [client, chunk] of this.#held ?? []) client.write(chunk);
    this.#held = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    if (this.#isRefusing) return void client.resetAndDestroy();
    const { hostname: host, port } = this.#target;
    const ends: Ends = [client, connect({ host, port: Number(port) })];
    const [, upstream] = ends;
    this.#open.add(ends);
    for (const end of ends) {
      // What goes wrong at one end is an end to both.
      end.on('error', () => undefined);
      end.once('close', () => {
        this.#open.delete(ends);
        for (const each of ends) each.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => this.#forward(client, chunk));
    upstream.on('end', () => client.end());
  }

  #forward(client: Socket, chunk: Buffer): void {
    if (this.#held) return void this.#held.push([client, chunk]);
    const cutting = this.#cutting;
    if (!cutting || chunk.length < cutting.bytes) {
      if (cutting) cutting.bytes -= chunk.length;
      return void client.write(chunk);
    }
    this.#cutting = undefined;
    // The client is to get what came before the cut.
    client.end(chunk.subarray(0, cutting.bytes), () => {
      this.cut();
      cutting.done();
    });
  }
}
