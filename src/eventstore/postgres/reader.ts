import { limits, type Position, type SqlMoments, type SqlReads } from '#base';
import type { EventReader } from '../port.ts';
import { addressOf, schemaOf } from './address.ts';
import { connect } from './connecting.ts';
import { type Following, follow } from './follow.ts';
import type { LinkOptions } from './link.ts';
import { momentsOn, singleReads } from './moments.ts';
import { LinkPool } from './pool.ts';
import { logReader } from './reads.ts';
import { readsOn } from './turn.ts';

/** A log on PostgreSQL, to be read. */
export interface PostgresReader extends EventReader {
  readonly kind: 'postgres';
  /** For reads of read tables, each of one moment. */
  readonly moments: SqlMoments;
  /** Statements that are a transaction each. */
  readonly sql: SqlReads;
  /** Calls back with the head's position, at once and whenever it is further, whichever process has written; until it is closed, or the log. */
  follow(onAhead: (position: Position) => void): Following;
  /** From now on reads are on other connections than those that there are, which may lead to a server that is the log's no more. */
  renew(): void;
  close(): Promise<void>;
}

/** What may be set of {@link openPostgresReader}; the times are for tests. */
export interface ReaderOptions extends LinkOptions {
  /** The log's name, that of its schema; left out: `varve`. */
  readonly log?: string | undefined;
  /** True where a hot standby will do, which is behind; left out: only a server that takes writes. */
  readonly isReplica?: boolean | undefined;
  /** Where to listen, by a session of its own; left out: where the log is, unless a pooler stands before it. A standby lets nobody listen. */
  readonly listenUrl?: string | undefined;
  readonly readersMax?: number | undefined;
  /** Looks at each connection before it is used; what it throws keeps that from being used. Left out: it is taken as it comes. */
  readonly admit?: ((reads: SqlReads) => Promise<void>) | undefined;
}

/** A reader, and its own connections. */
export interface PooledReader {
  readonly reader: PostgresReader;
  readonly pool: LinkPool;
}

/** Opens a log that a writer has opened, to be read; connects when it is asked. Throws `BAD_CONFIGURATION`. */
export const openPostgresReader = (url: string, options?: ReaderOptions): PostgresReader => pooledReader(url, options).reader;

/** The same, for whoever looks after its connections. */
export function pooledReader(
  url: string,
  { log = 'varve', listenUrl, isReplica = false, admit, ...options }: ReaderOptions = {},
): PooledReader {
  const [address, listening, schema] = [addressOf(url), addressOf(listenUrl ?? url), schemaOf(log)];
  const pool = new LinkPool(async () => {
    const link = await connect(address, { ...options, needsWrites: !isReplica });
    await admit?.(readsOn(link, schema)).catch((fault: unknown) => {
      void link.close();
      throw fault;
    });
    return link;
  }, options.readersMax);
  const sql = singleReads(pool, schema);
  const following = new Set<Following>();
  const reader: PostgresReader = {
    kind: 'postgres',
    ...logReader(sql),
    moments: momentsOn(pool, schema),
    sql,
    follow: (onAhead) => {
      // A standby lets nobody listen.
      const connectToListen = () => connect(listening, { answerWaitMs: limits.connectWaitMs, ...options, needsWrites: !isReplica });
      const one = follow({ log, schema, onAhead, connect: connectToListen, keepsSession: listenUrl !== undefined });
      following.add(one);
      return one;
    },
    renew: () => pool.renew(),
    close: async () => {
      await Promise.all([...following].map((one) => one.close()));
      await pool.close();
    },
  };
  return { reader, pool };
}
