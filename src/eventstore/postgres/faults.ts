import { textOf, VarveError } from '#base';

/** What an operator is told of PostgreSQL's codes (https://www.postgresql.org/docs/current/errcodes-appendix.html), by how the code begins. */
const meanings: readonly (readonly [prefix: string, say: (cause: unknown) => VarveError])[] = [
  ['55P03', (cause) => busy(cause)],
  ['40P01', (cause) => busy(cause)],
  // A standby ended a read so that it can go on to follow: nothing else here meets such a conflict, for writers lock before they look.
  ['40001', (cause) => unavailable('a read stood in the way of what the standby follows, and was ended', cause, conflicting)],
  ['53100', (cause) => full(cause)],
  ['54', (cause) => notStorable('what would be written', textOf(cause), cause)],
  ['53300', (cause) => unavailable('it takes no more connections', cause, tooMany)],
  ['53', (cause) => unavailable('it lacks memory or another resource', cause)],
  // A primary that was demoted, or a standby: the next transaction looks for the primary.
  ['25006', (cause) => unavailable('it takes no writes now', cause)],
  ['25P03', (cause) => heldTooLong(cause)],
  ['25P04', (cause) => heldTooLong(cause)],
  ['57014', (cause) => unavailable('a statement was ended before it was done', cause, ended)],
  ['57', (cause) => unavailable('it is going down, or ended the connection', cause)],
  ['08', (cause) => unavailable('the connection to it failed', cause)],
  ['28', (cause) => unavailable('it does not let this user in', cause, noEntry)],
  ['42501', (cause) => rightsMissing(cause)],
  ['42P01', (cause) => damaged('STORAGE_CORRUPT', 'The database lacks a table that a log has.', lacking, cause)],
  ['42703', (cause) => damaged('STORAGE_CORRUPT', 'A table in the database lacks a column that a log has.', lacking, cause)],
  ['58', (cause) => damaged('STORAGE_FAILED', "The database's disk reported an error.", disk, cause)],
  ['XX001', (cause) => damaged('STORAGE_CORRUPT', 'What PostgreSQL has on its disk is damaged.', pages, cause)],
  ['XX002', (cause) => damaged('STORAGE_CORRUPT', 'An index in the database is damaged.', pages, cause)],
  ['XX', (cause) => damaged('STORAGE_FAILED', 'PostgreSQL met a fault of its own.', disk, cause)],
  ['3D000', (cause) => unavailable('there is no such database', cause, 'Make it with CREATE DATABASE, or give another URL.')],
];

const conflicting =
  'Ask again; if that happens often, raise max_standby_streaming_delay on the standby, or set hot_standby_feedback there.';
const noEntry = 'Look at the user, password and sslmode of the URL, at pg_hba.conf, and whether the password has expired (VALID UNTIL).';

const lacking =
  'Look who changes its schema. A read table that is gone is made anew by a start; what is gone of the log itself is in a backup alone.';
const disk = "Look at PostgreSQL's log, and at the disk.";
const pages =
  "Stop, and keep a copy of the database. An index is mended by REINDEX, a read table by varve rebuild, the log's own by a backup.";

const tooMany = 'Raise max_connections, put a pooler before it, or run fewer processes.';
const ended = 'Send it again; if that lasts, look at the statement_timeout of the role and of the database.';

/** The code of what PostgreSQL itself said, also where that was put in words; undefined of anything else, such as a connection that broke. */
export function sqlState(fault: unknown): string | undefined {
  if (fault instanceof VarveError) return sqlState(fault.cause);
  if (!(fault instanceof Error && 'severity' in fault && 'code' in fault)) return undefined;
  return typeof fault.code === 'string' ? fault.code : undefined;
}

/** True where what a server said ends the connection, too. */
export const isFatal = (fault: unknown): boolean =>
  fault instanceof Error && 'severity' in fault && (fault.severity === 'FATAL' || fault.severity === 'PANIC');

/** A fault of the database in words, its own as the cause; what is none of them stays as it is. */
export function storeFault(fault: unknown): unknown {
  if (fault instanceof VarveError) return fault;
  const state = sqlState(fault);
  if (state === undefined) return fault;
  return meanings.find(([prefix]) => state.startsWith(prefix))?.[1](fault) ?? fault;
}

/** Why there is no connection, in words; what is none of its known reasons stays as it is. */
export function connectFault(fault: unknown): unknown {
  const { code = '', syscall, message } = fault as NodeJS.ErrnoException;
  if (syscall === 'open')
    return new VarveError({
      code: 'BAD_CONFIGURATION',
      message: "A certificate or key that the store's URL names cannot be read.",
      hint: 'Look at sslrootcert, sslcert and sslkey: they name files that this process may read.',
      cause: fault,
    });
  // Node's codes of what OpenSSL finds: https://nodejs.org/api/tls.html#x509-certificate-error-codes
  if (/CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^ERR_(TLS|SSL)_/.test(code))
    return unavailable('its certificate is not trusted', fault, untrusted);
  if (message === 'The server does not support SSL connections') return unavailable('it does not encrypt', fault, noTls);
  return storeFault(fault);
}

const untrusted =
  'Name the root certificate with sslrootcert, and the server as its certificate does; sslmode=verify-ca takes any name, sslmode=require any certificate.';

const noTls = 'Set ssl=on in PostgreSQL, or in the pooler before it, or give sslmode=disable.';

const rightsMissing = (cause: unknown) =>
  new VarveError({
    code: 'STORE_RIGHTS_MISSING',
    message: `The role of the store's URL lacks a right: ${textOf(cause)}.`,
    hint: 'GRANT it that right, or give the URL of a role that has it.',
    cause,
  });

/** What PostgreSQL has is not what a log is, or cannot be read. Its own words, with names and files, stand in the cause, which is logged. */
const damaged = (code: 'STORAGE_CORRUPT' | 'STORAGE_FAILED', message: string, hint: string, cause: unknown) =>
  new VarveError({ code, message, hint, cause });

/** The database cannot be reached, or does not take it; nothing of it was stored. */
export function unavailable(
  why: string,
  cause: unknown,
  hint = 'Send it again; if that lasts, look at PostgreSQL and the network.',
): VarveError {
  const message = `PostgreSQL cannot be used: ${why}.`;
  return new VarveError({ code: 'STORE_UNAVAILABLE', message, hint, retryable: true, cause });
}

/** The connection broke while nothing was waited for, or before a commit was sent. */
export const lost = (cause: unknown): VarveError => unavailable('the connection to it was lost', cause);

/** COMMIT was sent, and no answer came. */
export function outcomeUnknown(cause: unknown): VarveError {
  return new VarveError({
    code: 'OUTCOME_UNKNOWN',
    message: 'The connection to PostgreSQL was lost while the command was stored: it may have taken effect, or not.',
    hint: 'Send it again with the same commandId: it takes effect once.',
    retryable: true,
    cause,
  });
}

/** Text that PostgreSQL does not take, or finds nothing by. */
export const notStorable = (what: string, why: string, cause?: unknown): VarveError =>
  new VarveError({
    code: 'TEXT_NOT_STORABLE',
    message: `PostgreSQL cannot store ${what}: ${why}.`,
    hint: 'Leave that out, or make it shorter.',
    cause,
  });

const heldTooLong = (cause: unknown) => unavailable('the transaction was held for too long, and ended', cause, 'Send the command again.');

const busy = (cause: unknown) =>
  new VarveError({
    code: 'LOG_BUSY',
    message: 'Another process holds the log, and did not let go of it in time.',
    hint: 'Send the command again; if that lasts, look for a process that stands still.',
    retryable: true,
    cause,
  });

const full = (cause: unknown) =>
  new VarveError({
    code: 'STORAGE_FULL',
    message: 'The disk is full.',
    hint: "Make room on the database's disk, then send the command again.",
    retryable: true,
    cause: new Error(textOf(cause), { cause }),
  });
