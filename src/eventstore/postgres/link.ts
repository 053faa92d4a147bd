import { Socket } from 'node:net';
import type { Client } from 'pg';
import { fingerprint, limits, type SqlRow } from '#base';
import { isFatal, sqlState } from './faults.ts';
import { arrayOf } from './lists.ts';

/** What a statement was answered with. */
export interface Answer<R extends SqlRow = SqlRow> {
  /** `COMMIT`, `ROLLBACK`, `SELECT`, … */
  readonly command: string;
  readonly rows: readonly R[];
}

/** What may be set of a connection. */
export interface LinkOptions {
  readonly connectWaitMs?: number | undefined;
  readonly answerWaitMs?: number | undefined;
}

const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= limits.statementsCachedMax) return known;
  const name = `v${fingerprint(text)}`;
  names.set(text, name);
  return name;
}

/**
 * One connection to PostgreSQL. Statements are sent at once, one after the other, without waiting for answers. Once it is broken it stays so, and says
 * so to whoever asks: nothing is ever sent twice, or goes on with another connection.
 */
export class Link {
  readonly #client: Client & { readonly processID?: number };
  readonly #socket: Socket;
  readonly #answerWaitMs: number;
  #isPooled = false;
  #brokenBy: unknown;
  /** Answers that are due, and those of them that may take as long as they do. */
  #due = 0;
  #patient = 0;
  #answers = 0;
  #heardAt = performance.now();
  #silence: NodeJS.Timeout | undefined;
  #isCorked = false;
  #unreplicated: unknown;

  private constructor(client: Client, socket: Socket, { answerWaitMs = limits.storeAnswerWaitMs }: LinkOptions) {
    this.#client = client;
    this.#socket = socket;
    this.#answerWaitMs = answerWaitMs;
    client.on('error', (fault) => this.break(fault));
    client.on('end', () => this.break(new Error('the connection was ended')));
    client.on('notice', (notice) => {
      if (notice.routine === 'SyncRepWaitForLSN') this.#unreplicated = notice;
    });
  }

  /** Connects to one server. Throws what the driver throws. */
  static async open(url: string, options: LinkOptions = {}): Promise<Link> {
    // Where no log is on PostgreSQL its driver is not loaded.
    const { default: pg } = await import('pg');
    const socket = new Socket();
    const { getTypeParser } = pg.types;
    const client = new pg.Client({
      connectionString: url,
      pipeline: true,
      stream: () => socket,
      keepAlive: true,
      keepAliveInitialDelayMillis: limits.keepAliveMs,
      connectionTimeoutMillis: options.connectWaitMs ?? limits.connectWaitMs,
      fallback_application_name: 'varve',
      // Whole numbers, which the driver gives as texts.
      types: {
        getTypeParser: (type: number, format?: 'text' | 'binary') => (type === 20 ? Number : getTypeParser(type, format as 'text')),
      },
    });
    const link = new Link(client, socket, options);
    try {
      await client.connect();
      const { rows } = await link.say('SELECT pg_backend_pid()');
      link.#isPooled = rows[0]?.[0] !== link.#client.processID;
      return link;
    } catch (fault) {
      link.break(fault);
      throw fault;
    }
  }

  get isOpen(): boolean {
    return this.#brokenBy === undefined;
  }

  /** What it was broken by; undefined while it is open. */
  get brokenBy(): unknown {
    return this.#brokenBy;
  }

  /** How long ago the last answer came. */
  get quietMs(): number {
    return performance.now() - this.#heardAt;
  }

  /** True where a pooler stands between, which may give each transaction another session: another process of the server answers than was named at first. */
  get isPooled(): boolean {
    return this.#isPooled;
  }

  /** Sends a statement with its values; it is prepared once, unless a pooler stands between. */
  ask<R extends SqlRow = SqlRow>(text: string, values: readonly unknown[] = []): Promise<Answer<R>> {
    const name = this.#isPooled ? undefined : nameOf(text);
    const sent = values.map((value) => (Array.isArray(value) ? arrayOf(value) : value));
    return this.#send({ text, values: sent, ...(name !== undefined && { name }) });
  }

  /** Sends statements without values. `isPatient`: they may take their time. */
  say(text: string, { isPatient = false } = {}): Promise<Answer> {
    if (!isPatient) return this.#send({ text });
    this.#patient += 1;
    return this.#send({ text }).finally(() => {
      this.#patient -= 1;
    });
  }

  /** Calls back with what is notified on a channel that this connection listens to. */
  onNotification(call: (payload: string) => void): void {
    this.#client.on('notification', ({ payload = '' }) => call(payload));
  }

  /** What the server has said, since this was asked last, of a commit whose wait for a standby somebody ended; by the place in its code, for its words are translated. */
  takeUnreplicated(): unknown {
    const said = this.#unreplicated;
    this.#unreplicated = undefined;
    return said;
  }

  /** Gives the connection up at once: all that is due is answered with the fault. */
  break(fault: unknown): void {
    this.#brokenBy ??= fault;
    clearTimeout(this.#silence);
    this.#socket.destroy();
  }

  /** Says goodbye, after what is due, and does not wait for ever. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    const goodbye = setTimeout(() => this.break(new Error('it did not close')), limits.followPollMs);
    await this.#client.end().catch(() => undefined);
    clearTimeout(goodbye);
    this.break(new Error('it was closed'));
  }

  async #send<R extends SqlRow>(query: { readonly text: string; readonly values?: unknown[]; readonly name?: string }): Promise<Answer<R>> {
    if (this.#brokenBy !== undefined) throw this.#brokenBy;
    this.#cork();
    this.#due += 1;
    this.#silence ??= setTimeout(() => this.#listen(), this.#answerWaitMs);
    try {
      const result = await this.#client.query<unknown[]>({ ...query, rowMode: 'array' });
      // Several statements at once have several results.
      const { command, rows } = Array.isArray(result) ? result.at(-1) : result;
      return { command, rows };
    } catch (fault) {
      if (sqlState(fault) === undefined || isFatal(fault)) this.break(fault);
      throw fault;
    } finally {
      this.#answered();
    }
  }

  /** What is sent in one turn leaves in one piece. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }

  #answered(): void {
    this.#due -= 1;
    this.#answers += 1;
    this.#heardAt = performance.now();
    if (this.#due > 0) return void this.#silence?.refresh();
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  /** Nothing was heard for too long: unless this process itself stood still, and what came meanwhile was only not read yet. */
  #listen(): void {
    const before = this.#answers;
    setImmediate(() => {
      if (this.#due === 0 || !this.isOpen) return;
      if (this.#answers > before || this.#patient > 0) return void this.#silence?.refresh();
      this.break(new Error(`no answer came for ${this.#answerWaitMs} ms`));
    });
  }
}
