import { limits, VarveError } from '#base';
import { addressOf, schemaOf } from './address.ts';
import { connect } from './connecting.ts';
import type { Link } from './link.ts';
import { migrationState, tooNew, tooOld } from './migrate.ts';
import { openPostgresReader, type PostgresReader } from './reader.ts';
import { told } from './turn.ts';
import { importUnfinished, unfinishedText } from './unfinished.ts';

/**
 * Opens a log to look at it, whoever writes to it meanwhile, on a standby too: nothing of it is locked or migrated. Throws `NO_LOG` where there is none,
 * `LOG_TOO_OLD`, `LOG_TOO_NEW`, `IMPORT_UNFINISHED`, `STORE_UNAVAILABLE`, `BAD_CONFIGURATION`.
 *
 * @param isReplica false where something is to be written beside servers after all
 */
export async function openPostgresLook(url: string, log: string, isReplica = true): Promise<PostgresReader> {
  const address = addressOf(url);
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
  return openPostgresReader(url, { ...settings, log, isReplica });
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
