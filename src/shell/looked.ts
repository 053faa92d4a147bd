import { inspectionFault, type LogInspection, openInspection, openPostgresInspection } from '#eventstore';
import { postgresStanding, type StandingTables, sqliteStanding } from '#readtable';
import { logFile, type Place } from './place.ts';

/** A log and the read tables beside it, open to be looked at. The tables are read by what the log is read by: where that holds a moment, both are of it. */
export interface Looked {
  readonly place: Place;
  readonly log: LogInspection;
  readonly tables: StandingTables;
}

/**
 * Opens a place to look at it. Throws `NO_LOG` where there is none, `NOT_A_LOG`, `LOG_TOO_OLD` and `LOG_TOO_NEW` where another version's tables stand in
 * it, `STORAGE_CORRUPT`, `STORAGE_FAILED`, `LOG_LOCKED` (retryable); of a database `IMPORT_UNFINISHED` and `STORE_UNAVAILABLE` too.
 */
export async function openLook(place: Place): Promise<Looked> {
  if ('folder' in place) {
    const log = openInspection(logFile(place.folder));
    return { place, log, tables: sqliteStanding(log.db) };
  }
  const log = await openPostgresInspection(place.url, place.log);
  return { place, log, tables: postgresStanding(log.sql) };
}

/** A fault of looking there, in words for whoever looks. */
export const lookFault = (place: Place, fault: unknown): unknown =>
  'folder' in place ? inspectionFault(fault, logFile(place.folder)) : fault;
