import type { SqlTransaction } from '#base';
import type { Awaitable, EventStore, StoredEvent } from '../port.ts';
import { turns } from '../turns.ts';
import { addressOf, schemaOf } from './address.ts';
import { connect } from './connecting.ts';
import { migrateLog } from './migrate.ts';
import { type PostgresReader, pooledReader, type ReaderOptions } from './reader.ts';
import { chainPages, firstOfEachShape } from './reads.ts';
import { type RebuildLock, tryLockRebuild } from './rebuildlock.ts';
import { assertServer } from './server.ts';
import { told, transactBeside } from './turn.ts';
import { importUnfinished, unfinishedText } from './unfinished.ts';
import { Writer } from './writer.ts';

/** A log on PostgreSQL: a schema, with the read tables beside the log's own. Any number of processes may have it open. */
export interface PostgresStore extends EventStore<SqlTransaction>, PostgresReader {
  readonly kind: 'postgres';
  /** The first event of each type and version of its shape: what a program must understand at least. */
  firstOfEachShape(): Promise<readonly StoredEvent[]>;
  /** A transaction on a connection of its own, without the log's lock: for what takes its time and concerns nobody else. */
  beside(work: (connection: SqlTransaction) => Awaitable<void>): Promise<void>;
  /** Takes the right to rebuild read tables; undefined where another process has it. */
  tryLockRebuild(): Promise<RebuildLock | undefined>;
  close(): Promise<void>;
}

/** What may be set of {@link openPostgresStore}; the times are for tests. */
export interface PostgresOptions extends Omit<ReaderOptions, 'isReplica' | 'admit'> {
  readonly lockTimeoutMs?: number | undefined;
  readonly lockHoldMs?: number | undefined;
  /** True: a log that another one is being taken into is opened too; left out: it is refused with `IMPORT_UNFINISHED`. */
  readonly unfinished?: boolean | undefined;
}

/**
 * Opens a log, made where it is not there, by a URL: `postgres://user:password@host:5432/database`, of several servers too, which are tried in their
 * order whenever there is to be a connection. Throws `BAD_CONFIGURATION`, `STORE_UNAVAILABLE`, `STORE_READ_ONLY`, `STORE_TOO_OLD`,
 * `STORE_RIGHTS_MISSING`, `LOG_TOO_NEW`, `IMPORT_UNFINISHED`.
 */
export async function openPostgresStore(
  url: string,
  { log = 'varve', unfinished = false, ...options }: PostgresOptions = {},
): Promise<PostgresStore> {
  const [address, schema] = [addressOf(url), schemaOf(log)];
  const settings = { ...options, needsWrites: true };
  const { reader } = pooledReader(url, { ...settings, log });
  const link = await connect(address, { ...settings, isStart: true });
  try {
    await assertServer(link, address, schema);
    await migrateLog(link, log);
    if (!unfinished && (await link.say(unfinishedText(schema))).rows[0]?.[0] === true) throw importUnfinished(address.place, log);
  } catch (fault) {
    await link.close();
    throw told(fault);
  }
  // What was read elsewhere until then may be a server that is no primary any more.
  const writer = new Writer(link, { ...settings, log, schema, connect: () => connect(address, settings), onConnected: reader.renew });
  const takeTurn = turns();
  const transaction: PostgresStore['transaction'] = (work, ask) => takeTurn(() => writer.transact(work, ask));
  return {
    ...reader,
    transaction,
    reading: (work, ask) => takeTurn(() => writer.read(work, ask)),
    append: (events, condition) => transaction((own) => own.append(events, condition)),
    chain: (after) => chainPages(reader.sql, after),
    firstOfEachShape: () => firstOfEachShape(reader.sql),
    tryLockRebuild: () => tryLockRebuild(schema, () => connect(address, settings)),
    beside: async (work) => transactBeside(await connect(address, settings), schema, work),
    close: async () => {
      await takeTurn(() => writer.close());
      await reader.close();
    },
  };
}
