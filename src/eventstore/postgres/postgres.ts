import type { Position, SqlMoments, SqlTransaction } from '#base';
import type { EventReader, EventStore, StoredEvent } from '../port.ts';
import { turns } from '../turns.ts';
import { type Address, addressOf, schemaOf } from './address.ts';
import { chainPages } from './chain.ts';
import { connect } from './connecting.ts';
import { type Following, follow } from './follow.ts';
import type { Link, LinkOptions } from './link.ts';
import { migrateLog } from './migrate.ts';
import { momentOn, momentsOn, singleReads } from './moments.ts';
import { LinkPool } from './pool.ts';
import { firstOfEachShape, logReader } from './reads.ts';
import { assertServer } from './server.ts';
import { told } from './turn.ts';
import { Writer } from './writer.ts';

/** A log on PostgreSQL: a schema, with the read tables beside the log's own. Any number of processes may have it open. */
export interface PostgresStore extends EventStore<SqlTransaction> {
  readonly kind: 'postgres';
  /** For reads of read tables, each of one moment, on the server that is written to. */
  readonly moments: SqlMoments;
  /** The first event of each type and version of its shape: what a program must understand at least. */
  firstOfEachShape(): Promise<readonly StoredEvent[]>;
  /** Calls back with the head's position, at once and whenever it is further, whichever process has written; until it is closed, or the store. */
  follow(onAhead: (position: Position) => void): Following;
  close(): Promise<void>;
}

/** What may be set of {@link openPostgresStore}; the times are for tests. */
export interface PostgresOptions extends LinkOptions {
  /** The log's name, that of its schema; left out: `varve`. */
  readonly log?: string | undefined;
  /** Where to listen; left out: where the log is. A pooler in transaction mode lets nobody listen. */
  readonly listenUrl?: string | undefined;
  readonly lockTimeoutMs?: number | undefined;
  readonly lockHoldMs?: number | undefined;
  readonly readersMax?: number | undefined;
}

/**
 * Opens a log, made where it is not there, by a URL: `postgres://user:password@host:5432/database`, of several servers too, which are tried in their
 * order whenever there is to be a connection. Throws `BAD_CONFIGURATION`, `STORE_UNAVAILABLE`, `STORE_READ_ONLY`, `STORE_TOO_OLD`,
 * `STORE_RIGHTS_MISSING`, `LOG_TOO_NEW`.
 */
export async function openPostgresStore(url: string, options: PostgresOptions = {}): Promise<PostgresStore> {
  const { log = 'varve', listenUrl = url, ...rest } = options;
  const [address, schema, listening] = [addressOf(url), schemaOf(log), addressOf(listenUrl)];
  const settings = { preparing: { isOn: true }, ...rest };
  const link = await connect(address, { ...settings, needsWrites: true });
  try {
    await assertServer(link, address, schema);
    await migrateLog(link, schema);
  } catch (fault) {
    await link.close();
    throw told(fault);
  }
  return new Store(link, { address, listening, log, schema, settings }).store();
}

/** A log on PostgreSQL, to be read; on a hot standby too. */
export interface PostgresReader extends EventReader {
  readonly kind: 'postgres';
  readonly moments: SqlMoments;
  close(): Promise<void>;
}

/** Opens a log, to be read: one that a writer has opened, who has seen that it is one. It is connected to when it is first read. Throws `BAD_CONFIGURATION`. */
export function openPostgresReader(url: string, { log = 'varve', readersMax, ...options }: PostgresOptions = {}): PostgresReader {
  const [address, schema] = [addressOf(url), schemaOf(log)];
  const settings = { preparing: { isOn: true }, ...options };
  const pool = new LinkPool(() => connect(address, settings), readersMax);
  return { kind: 'postgres', ...logReader(singleReads(pool, schema)), moments: momentsOn(pool, schema), close: () => pool.close() };
}

interface Parts {
  readonly address: Address;
  readonly listening: Address;
  readonly log: string;
  readonly schema: string;
  readonly settings: PostgresOptions;
}

class Store {
  readonly #parts: Parts;
  readonly #writer: Writer;
  readonly #pool: LinkPool;
  readonly #takeTurn = turns();
  readonly #following = new Set<Following>();

  constructor(link: Link, parts: Parts) {
    this.#parts = parts;
    const { address, settings } = parts;
    const connected = () => connect(address, { ...settings, needsWrites: true });
    this.#pool = new LinkPool(connected, settings.readersMax);
    // What was read elsewhere until now may be a server that is no primary any more.
    this.#writer = new Writer(link, { ...settings, ...parts, connect: connected, onConnected: () => this.#pool.renew() });
  }

  store(): PostgresStore {
    const { schema } = this.#parts;
    const reads = singleReads(this.#pool, schema);
    const transaction: PostgresStore['transaction'] = (work) => this.#takeTurn(() => this.#writer.transact(work));
    return {
      kind: 'postgres',
      ...logReader(reads),
      moments: momentsOn(this.#pool, schema),
      transaction,
      reading: (work) => this.#takeTurn(() => this.#writer.read(work)),
      append: (events, condition) => transaction((own) => own.append(events, condition)),
      chain: (after) => this.#chain(after),
      firstOfEachShape: () => firstOfEachShape(reads),
      follow: (onAhead) => this.#follow(onAhead),
      close: () => this.#close(),
    };
  }

  async *#chain(after?: Position) {
    const { address, schema, settings } = this.#parts;
    // A connection of its own: it may be read for long.
    const link = await connect(address, { ...settings, needsWrites: true });
    try {
      yield* chainPages(
        momentOn(link, schema, () => undefined),
        after,
      );
    } finally {
      await link.close();
    }
  }

  #follow(onAhead: (position: Position) => void): Following {
    const { listening, log, schema, settings } = this.#parts;
    const following = follow({ log, schema, connect: () => connect(listening, settings), onAhead });
    this.#following.add(following);
    return following;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#following].map((following) => following.close()));
    await this.#takeTurn(() => this.#writer.close());
    await this.#pool.close();
  }
}
