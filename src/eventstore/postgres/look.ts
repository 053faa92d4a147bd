import { limits, type SqlReads, VarveError } from '#base';
import { addressOf, schemaOf } from './address.ts';
import { connect } from './connecting.ts';
import type { Link } from './link.ts';
import { migrationState, tooNew, tooOld } from './migrate.ts';
import { singleReads } from './moments.ts';
import { type PostgresReader, pooledReader } from './reader.ts';
import { told } from './turn.ts';
import { importUnfinished, unfinishedText } from './unfinished.ts';

/** A log on PostgreSQL, to be looked at, whoever writes to it meanwhile: nothing of it is locked, migrated or written. */
export interface PostgresLook extends PostgresReader {
  /** Reads that are a moment each. */
  readonly sql: SqlReads;
}

/**
 * Opens a log to look at it, on a standby too. Throws `NO_LOG` where there is none, `LOG_TOO_OLD`, `LOG_TOO_NEW`, `IMPORT_UNFINISHED`, `STORE_UNAVAILABLE`,
 * `BAD_CONFIGURATION`.
 */
export async function openPostgresLook(url: string, log: string): Promise<PostgresLook> {
  const [address, schema] = [addressOf(url), schemaOf(log)];
  // An operator's looks go through whole tables.
  const settings = { answerWaitMs: limits.lookAnswerWaitMs };
  const link = await connect(address, settings);
  try {
    await assertWhole(link, address.place, log);
  } catch (fault) {
    throw told(fault);
  } finally {
    await link.close();
  }
  const { reader, pool } = pooledReader(url, { ...settings, log, isReplica: true });
  return { ...reader, sql: singleReads(pool, schema) };
}

async function assertWhole(link: Link, place: string, log: string): Promise<void> {
  const state = await migrationState(link, log);
  if (state === 'none') throw noLog(place, log);
  if (state === 'older') throw tooOld(log);
  if (state === 'newer') throw tooNew(log);
  if ((await link.say(unfinishedText(schemaOf(log)))).rows[0]?.[0] === true) throw importUnfinished(place, log);
}

const noLog = (place: string, log: string) =>
  new VarveError({
    code: 'NO_LOG',
    message: `There is no log ${log} in ${place}.`,
    hint: 'Give the database of the servers with --store, and the name of their log with --log.',
  });
