import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import pg from 'pg';

/** A pooler in transaction mode, as pgbouncer is one, with what it does at its most forgetful. */
export interface Pooler extends AsyncDisposable {
  readonly url: string;
  /** How many transactions, or statements outside of one, each server connection had. */
  readonly turns: readonly number[];
  /** How many clients have come. */
  readonly clients: number;
}

interface Backend {
  readonly socket: Socket;
  turns: number;
  /** Takes what the server says; the pooler itself, where no client has it. */
  hear: (message: Buffer) => void;
}

/**
 * Puts a few server connections between clients and a server: a client has one until its transaction is over, and the next time another. In between all that
 * its session had is discarded.
 */
export async function startPooler(target: string, size: number): Promise<Pooler> {
  const backends = await Promise.all(Array.from({ length: size }, () => openBackend(target)));
  const pool = new TransactionPool(backends);
  let clients = 0;
  const server = createServer((client) => {
    clients += 1;
    serveClient(client, pool);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get clients() {
      return clients;
    },
    get turns() {
      return backends.map(({ turns }) => turns);
    },
    [Symbol.asyncDispose]: async () => {
      for (const { socket } of backends) socket.destroy();
      server.close();
    },
  };
}

class TransactionPool {
  readonly #free: Backend[];
  readonly #waiting: ((backend: Backend) => void)[] = [];

  constructor(backends: readonly Backend[]) {
    this.#free = [...backends];
  }

  async take(): Promise<Backend> {
    const backend = this.#free.shift() ?? (await new Promise<Backend>((resolve) => this.#waiting.push(resolve)));
    backend.turns += 1;
    return backend;
  }

  /** Forgets the session, then gives the connection to whoever waits: the one that has rested longest. */
  giveBack(backend: Backend): void {
    backend.hear = (message) => {
      if (typeOf(message) !== 'Z') return;
      backend.hear = () => undefined;
      const next = this.#waiting.shift();
      if (next) next(backend);
      else this.#free.push(backend);
    };
    backend.socket.write(query('DISCARD ALL'));
  }
}

/** One client. What it says waits until there is a server connection for it. */
function serveClient(client: Socket, pool: TransactionPool): void {
  let backend: Backend | undefined;
  let isTaking = false;
  let due = 0;
  let said: Buffer[] = [];
  const hear = (message: Buffer) => {
    client.write(message);
    if (typeOf(message) !== 'Z') return;
    due -= 1;
    if (due > 0 || message.toString('latin1', 5, 6) !== 'I' || !backend) return;
    pool.giveBack(backend);
    backend = undefined;
  };
  const forward = async (message: Buffer) => {
    if (/[SQ]/.test(typeOf(message))) due += 1;
    if (backend) return void backend.socket.write(message);
    said.push(message);
    if (isTaking) return;
    isTaking = true;
    const taken = await pool.take();
    isTaking = false;
    taken.hear = hear;
    backend = taken;
    taken.socket.write(Buffer.concat(said));
    said = [];
  };
  client.on('error', () => undefined);
  client.on('close', () => {
    if (backend) pool.giveBack(backend);
  });
  client.once('data', () => {
    // Whoever it says that it is: all are the same user. Its own data begins with the first message after this.
    client.write(Buffer.concat([message('R', Buffer.alloc(4)), message('K', Buffer.alloc(8)), message('Z', Buffer.from('I'))]));
    onMessages(client, (one) => (typeOf(one) === 'X' ? client.end() : void forward(one)));
  });
}

async function openBackend(target: string): Promise<Backend> {
  const socket = new Socket();
  const driver = new pg.Client({ connectionString: target, stream: () => socket });
  driver.on('error', () => undefined);
  await driver.connect();
  // The driver has said who it is; from here on clients have the connection.
  socket.removeAllListeners('data');
  const backend: Backend = { socket, turns: 0, hear: () => undefined };
  onMessages(socket, (one) => backend.hear(one));
  return backend;
}

const typeOf = (message: Buffer) => message.toString('latin1', 0, 1);

const query = (text: string) => message('Q', Buffer.from(`${text}\0`));

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Calls with each whole message of a stream. */
function onMessages(stream: Socket, call: (message: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = rest.readInt32BE(1) + 1;
      call(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}
