import { join } from 'node:path';
import { VarveError } from '#base';
import { assertLogName } from '#eventstore';

/** A log in a data folder of its own: one process holds it. */
export interface FolderPlace {
  readonly folder: string;
}

/** A log in a PostgreSQL database, which any number of processes share. */
export interface DatabasePlace {
  /** `postgres://user:password@host:port/database`; several hosts, separated by commas, are tried in their order. */
  readonly url: string;
  /** The log's name: the schema that holds it. */
  readonly log: string;
  /** Another database that follows this one, to be read from; undefined: there is none. */
  readonly readUrl: string | undefined;
  /** The same database by a way that keeps a session for each connection, to listen by; undefined: `url` does, or a pooler stands before it. */
  readonly listenUrl: string | undefined;
}

/** Where an application's log is: plain data, which crosses into the writer's thread. */
export type Place = FolderPlace | DatabasePlace;

/** What may be set of a log in a database. */
export interface PlaceOptions {
  /** Left out: `varve`. */
  readonly log?: string | undefined;
  readonly readStore?: string | undefined;
  readonly listenStore?: string | undefined;
}

/**
 * Tells a data folder from a database.
 *
 * @param where a folder, or a URL that begins with `postgres://` or `postgresql://`
 * @throws `BAD_CONFIGURATION`
 */
export function placeOf(where: string, { log = 'varve', readStore, listenStore }: PlaceOptions = {}): Place {
  if (!isUrl(where)) return { folder: where };
  assertLogName(log);
  assertUrl(readStore, 'The store to read from', '--read-store postgres://user:password@replica:5432/database');
  assertUrl(listenStore, 'The store to listen to', '--listen-store postgres://user:password@host:5432/database');
  return { url: where, log, readUrl: readStore, listenUrl: listenStore };
}

function assertUrl(text: string | undefined, what: string, flag: string): void {
  if (text !== undefined && !isUrl(text)) throw bad(`${what} is no URL of a PostgreSQL database.`, `Give ${flag}.`);
}

/** Where the log of a data folder is. */
export const logFile = (folder: string): string => join(folder, 'varve.db');

/** What an operator reads of a place: no password. */
export function shownPlace(place: Place): string {
  if ('folder' in place) return place.folder;
  return `${place.url.replace(/^(postgres(?:ql)?:\/\/[^:@/]*):[^@]*@/, '$1:…@').replace(/\?.*$/, '')}, log ${place.log}`;
}

/**
 * The data folder that a place is. Throws `BAD_CONFIGURATION` where it is a database.
 *
 * @param what is to be done there, in words: `A backup`
 * @param hint what to do of a database instead
 */
export function folderOf(place: Place, what: string, hint: string): string {
  if ('folder' in place) return place.folder;
  throw bad(`${what} is of a data folder, and ${shownPlace(place)} is none.`, hint);
}

const isUrl = (text: string): boolean => /^postgres(ql)?:\/\//.test(text);

const bad = (message: string, hint: string) => new VarveError({ code: 'BAD_CONFIGURATION', message, hint });
