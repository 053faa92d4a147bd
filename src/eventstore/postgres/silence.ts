import { limits } from '#base';

/**
 * What a transaction sets so that the server ends it where the network has said nothing of its other end for so long, a whole number of seconds: of a
 * connection that is quiet, and of one that is cut off amid what is sent. Of the latter nothing else lets go: for the rest of a statement a server waits
 * without an end. Where the server is not on Linux, the second takes as long as its system has it.
 */
export const endedAfter = (ms: number): string =>
  [
    `set_config('tcp_user_timeout', CASE WHEN version() LIKE '%linux%' THEN '${ms}' ELSE '0' END, true)`,
    // In seconds: the other end is asked from the middle of that time on.
    `set_config('tcp_keepalives_idle', '${Math.ceil(ms / 2_000)}', true)`,
    "set_config('tcp_keepalives_interval', '1', true)",
  ].join(', ');

/** Begins a transaction that holds a lock for as long as its process is there and reached, whatever it does meanwhile. */
export const beginHeld = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0; SELECT ${endedAfter(limits.storeAnswerWaitMs)}`;

/**
 * The same for long work without the log's lock: no time-out of the role ends it, it waits for other locks as long as a command does, and where its process is gone
 * it ends within a second, also amid a statement (where the server's system can tell; else when the statement ends).
 */
export const beginLong = `${beginHeld}, set_config('statement_timeout', '0', true), set_config('lock_timeout', '${limits.lockTimeoutMs}', true),
  set_config('client_connection_check_interval', CASE WHEN version() LIKE '%linux%' THEN '1000' ELSE '0' END, true)`;
