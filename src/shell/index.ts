import type { Logger } from 'pino';
import type { Application } from '#application';
import type { Checked, CheckOptions } from './check.ts';
import type { Configuration } from './configuration.ts';
import type { WrittenContracts } from './contracts.ts';
import type { Engine, OpenOptions } from './open.ts';
import { placeOf } from './place.ts';
import type { Running } from './serve.ts';
import type { Verified, VerifyOptions } from './verify.ts';

export type { Checked, CheckedTable, CheckOptions } from './check.ts';
export { type Configuration, configure, type Flags } from './configuration.ts';
export type { WrittenContracts } from './contracts.ts';
export type { Finding } from './findings.ts';
export type { Engine, OpenOptions } from './open.ts';
export type { Running } from './serve.ts';
export type { Verified, VerifyOptions } from './verify.ts';

// Store and server are loaded when they are first used: whoever imports the public API to write a domain, or to test one, should not wait for them.

/**
 * Opens a data folder without serving it: for scripts and tests. Creates it where it is not there, takes its lock, migrates the log, holds its
 * events against the application's and rebuilds the read tables that changed. Throws a fault that says what is wrong.
 */
export async function open(application: Application, folder: string, options: OpenOptions = {}): Promise<Engine> {
  return (await import('./open.ts')).open(application, folder, options);
}

/** Serves an application from a data folder until it is stopped, by `stop` or by SIGTERM or SIGINT. Left out: a logger on standard error. */
export async function serve(application: Application, configuration: Configuration, logger?: Logger): Promise<Running> {
  const [{ serve: start }, { openLogger }] = await Promise.all([import('./serve.ts'), import('./logger.ts')]);
  return start(application, configuration, logger ?? openLogger());
}

/**
 * Checks all that is in a data folder, or of a log in a database, also while servers write to it, and only reads: see {@link VerifyOptions} and {@link Verified}. Throws where it
 * cannot be checked: `BAD_CONFIGURATION`, `NO_LOG`, `NOT_A_LOG`, `LOG_TOO_OLD`, `LOG_TOO_NEW`, `LOG_LOCKED`, `STORAGE_FAILED`, and `STORAGE_FULL` where there is no room
 * for the rebuild that read tables are compared with.
 */
export async function verify(application: Application, where: string, options: VerifyOptions = {}): Promise<Verified> {
  return (await import('./verify.ts')).verifyPlace(application, placeOf(where, options), options);
}

/**
 * Says what this version of the program would make of a log that another one has written to, also while a server writes to it, and only reads: see
 * {@link Checked}. Throws where it cannot be checked, as {@link verify} does, and `STORAGE_CORRUPT`.
 */
export async function check(application: Application, where: string, options: CheckOptions = {}): Promise<Checked> {
  return (await import('./check.ts')).checkPlace(application, placeOf(where, options), options);
}

/**
 * Writes an application's reviewed contracts into a folder: the SDL, the events' shapes, and what is new of them into their history. Throws
 * `CANNOT_READ_FILE` where the history is no JSON.
 */
export async function writeContracts(application: Application, folder: string): Promise<WrittenContracts> {
  return (await import('./contracts.ts')).writeContracts(application, folder);
}

/**
 * What of an application's events does not go together with what was committed: an event whose stored data would be refused or read as something else, a
 * shape that the history in the folder of contracts does not have, an example that is missing or read otherwise. Each says what to write; none
 * where all is well. Throws `CANNOT_READ_FILE`.
 */
export async function contractComplaints(application: Application, folder: string): Promise<readonly string[]> {
  return (await import('./contracts.ts')).contractComplaints(application, folder);
}
