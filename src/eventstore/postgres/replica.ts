import { setTimeout as pause } from 'node:timers/promises';
import { limits, type Position, type SqlMoments, type SqlReads, VarveError } from '#base';
import { sqlState } from './faults.ts';
import { type PostgresReader, pooledReader } from './reader.ts';
import { headText } from './reads.ts';
import { type HeadRow, headOf } from './rows.ts';

/** What {@link openPostgresReplica} needs to know. */
export interface ReplicaOptions {
  /** The log's name. */
  readonly log: string;
  /** Of the server that takes the log's writes. */
  readonly primary: SqlMoments;
  /** How long a log that was only just made may take to get there; left out: `limits.atLeastWaitMs`. */
  readonly waitMs?: number;
}

/**
 * Opens a hot standby of a log, to be read. Each connection is held against the primary before it is used: what stands at the end of the log there has
 * the same hash here, and by the chain of hashes so has all before it. So another cluster, another database, and a standby that was promoted and written
 * to by itself are found out. Where the primary cannot be asked, as amid a failover, and where the log is empty, nothing is found.
 *
 * @throws `READ_STORE_UNRELATED`, `STORE_UNAVAILABLE`, `BAD_CONFIGURATION`
 */
export async function openPostgresReplica(
  url: string,
  { log, primary, waitMs = limits.atLeastWaitMs }: ReplicaOptions,
): Promise<PostgresReader> {
  const { reader, pool } = pooledReader(url, { log, isReplica: true, admit: (reads) => assertFollows(reads, primary, log) });
  try {
    for (const until = performance.now() + waitMs; ; await pause(limits.replicaLookMs)) {
      const link = await pool.take().catch((fault: unknown) => {
        if (!isUnrelated(fault) || performance.now() > until) throw fault;
      });
      if (!link) continue;
      pool.giveBack(link);
      return reader;
    }
  } catch (fault) {
    await reader.close();
    throw fault;
  }
}

async function assertFollows(standby: SqlReads, primary: SqlMoments, log: string): Promise<void> {
  const { position, hash } = headOf((await headRow(standby, log))[0]);
  if (position === 0) return;
  const ours = await hashOnPrimary(primary, position);
  if (ours !== 'not known' && ours !== hash)
    throw unrelated(`what stands at position ${position} of its log ${log} is not what the store has there`);
}

async function headRow(standby: SqlReads, log: string): Promise<readonly HeadRow[]> {
  try {
    return await standby.read<HeadRow>(headText(standby.schema));
  } catch (fault) {
    throw sqlState(fault) === undefinedTable ? unrelated(`it has no log ${log}`) : fault;
  }
}

const undefinedTable = '42P01';

async function hashOnPrimary(primary: SqlMoments, position: Position): Promise<string | null | 'not known'> {
  try {
    const moment = await primary.begin();
    try {
      const text = `SELECT position, hash FROM ${moment.schema}.events WHERE position = $1`;
      return headOf((await moment.read<HeadRow>(text, [position]))[0]).hash;
    } finally {
      moment.end();
    }
  } catch (fault) {
    // A standby is there to be read just then.
    if (fault instanceof VarveError && fault.code === 'STORE_UNAVAILABLE') return 'not known';
    throw fault;
  }
}

const isUnrelated = (fault: unknown) => fault instanceof VarveError && fault.code === 'READ_STORE_UNRELATED';

const unrelated = (why: string) =>
  new VarveError({
    code: 'READ_STORE_UNRELATED',
    message: `The store to read from does not follow the store: ${why}.`,
    hint: 'Give --read-store the URL of a hot standby of the very server that --store names, and of the same database there.',
  });
