import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way in which bytes go: to the database, or from it. */
export type Direction = 'there' | 'back';

/** What lies between a process and PostgreSQL in a test: a network that can be cut, and that loses what it is told to. On loopback. */
export interface StoreProxy extends AsyncDisposable {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Nothing gets through any more in these directions, and nobody is told so: what is sent waits, as it does in a network that is cut. */
  cut(...directions: readonly Direction[]): void;
  /** What has waited arrives. */
  mend(): void;
  /** Breaks off the connection whose next COMMIT of a writer the database has answered, and keeps that answer back; resolves when it has. */
  loseCommit(): Promise<void>;
  /** Drops all notifications from here on. */
  dropNotifications(): void;
  /** How many were dropped. */
  readonly dropped: number;
}

/** Starts a proxy before the database of a URL. */
export async function startStoreProxy(store: string): Promise<StoreProxy> {
  const proxy = new Proxying(store);
  await proxy.listen();
  return proxy;
}

class Proxying implements StoreProxy {
  readonly #store: URL;
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#join(client));
  readonly #open = new Set<Line>();
  readonly cuts = new Set<Direction>();
  isDropping = false;
  dropped = 0;
  losing: (() => void) | undefined;

  constructor(store: string) {
    this.#store = new URL(store);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get url(): string {
    const url = new URL(this.#store);
    const { port } = this.#server.address() as AddressInfo;
    url.host = `127.0.0.1:${port}`;
    return url.href;
  }

  cut(...directions: readonly Direction[]): void {
    for (const direction of directions) this.cuts.add(direction);
  }

  mend(): void {
    this.cuts.clear();
    for (const line of this.#open) line.flush();
  }

  loseCommit(): Promise<void> {
    return new Promise((resolve) => {
      this.losing = resolve;
    });
  }

  dropNotifications(): void {
    this.isDropping = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const line of this.#open) line.break();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const upstream = connect({ host: this.#store.hostname, port: Number(this.#store.port || 5432), allowHalfOpen: true });
    const line: Line = new Line(this, client, upstream, () => this.#open.delete(line));
    this.#open.add(line);
  }
}

/** What waits to go on: bytes, or the end of them. */
type Waiting = Buffer | 'end';

/** One connection: its client's end, and the database's. */
class Line {
  readonly #proxy: Proxying;
  readonly #ends: Readonly<Record<Direction, Socket>>;
  readonly #waiting: Readonly<Record<Direction, Waiting[]>> = { there: [], back: [] };
  readonly #messages = new Messages();
  readonly #onEnd: () => void;
  #isWriting = false;
  #isAtCommit = false;

  constructor(proxy: Proxying, client: Socket, upstream: Socket, onEnd: () => void) {
    this.#proxy = proxy;
    this.#onEnd = onEnd;
    this.#ends = { there: upstream, back: client };
    this.#read(client, 'there');
    this.#read(upstream, 'back');
  }

  flush(): void {
    for (const direction of ['there', 'back'] as const)
      for (const waiting of this.#waiting[direction].splice(0)) this.#forward(direction, waiting);
  }

  break(): void {
    for (const end of Object.values(this.#ends)) end.destroy();
    this.#onEnd();
  }

  #read(from: Socket, direction: Direction): void {
    from.on('data', (chunk: Buffer) => this.#pass(direction, direction === 'there' ? this.#asked(chunk) : this.#answered(chunk)));
    // Its other end learns of it when the network lets it through.
    for (const event of ['end', 'error', 'close']) from.on(event, () => this.#pass(direction, 'end'));
  }

  #pass(direction: Direction, what: Waiting | undefined): void {
    if (what === undefined) return;
    if (this.#proxy.cuts.has(direction)) this.#waiting[direction].push(what);
    else this.#forward(direction, what);
  }

  #forward(direction: Direction, what: Waiting): void {
    if (what !== 'end') this.#ends[direction].write(what);
    else if (this.#proxy.cuts.size === 0) this.break();
    else this.#ends[direction].end();
  }

  /** Statements without values come as they are written. */
  #asked(chunk: Buffer): Buffer {
    const begun = chunk.lastIndexOf('READ COMMITTED');
    if (begun >= 0) this.#isWriting = true;
    // The end of a read may have come with it, before it.
    if (this.#isWriting && chunk.lastIndexOf('COMMIT\0') > begun) [this.#isAtCommit, this.#isWriting] = [true, false];
    return chunk;
  }

  #answered(chunk: Buffer): Buffer | undefined {
    const { losing } = this.#proxy;
    if (losing && this.#isAtCommit && chunk.includes('COMMIT\0')) {
      this.#proxy.losing = undefined;
      this.break();
      losing();
      return undefined;
    }
    if (chunk.includes('COMMIT\0')) this.#isAtCommit = false;
    const { kept, dropped } = this.#messages.without(chunk, this.#proxy.isDropping ? 'A' : undefined);
    this.#proxy.dropped += dropped;
    return kept.length > 0 ? kept : undefined;
  }
}

/** The database's words, each with its kind and length before it, in whatever pieces they come. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);

  /** All whole messages so far, but those of one kind. */
  without(chunk: Buffer, kind: string | undefined): { readonly kept: Buffer; readonly dropped: number } {
    let bytes = Buffer.concat([this.#rest, chunk]);
    const kept: Buffer[] = [];
    let dropped = 0;
    while (bytes.length >= 5 && bytes.length > bytes.readUInt32BE(1)) {
      const length = 1 + bytes.readUInt32BE(1);
      if (String.fromCharCode(bytes[0] ?? 0) === kind) dropped += 1;
      else kept.push(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
    this.#rest = bytes;
    return { kept: Buffer.concat(kept), dropped };
  }
}
