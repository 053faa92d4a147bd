import type { Logger } from 'pino';
import { VarveError } from '#base';

/** What the signals ask for that stop a process. */
export interface StopSignals {
  /** Throws `STOPPED` where one came: for work that may take long before there is anything to stop. */
  check(): void;
  /** Calls it when one comes; at once where one came already. */
  call(stop: () => Promise<void>): void;
  /** Asks for the same as they do. */
  stop(why: string): void;
  /** From here on the system does with them what it always does. */
  leave(): void;
}

const names = ['SIGTERM', 'SIGINT'] as const;

/**
 * Listens for SIGTERM and SIGINT, from the first moment of a start on: a process that is ended by them while it starts would leave its lock and
 * its log's side files behind. A second signal of one name ends the process at once.
 */
export function stopSignals(logger: Logger): StopSignals {
  let came: string | undefined;
  let stop: (() => Promise<void>) | undefined;
  const hear = (signal: string): void => {
    logger.info({ signal }, 'stopping');
    came = signal;
    void stop?.();
  };
  for (const name of names) process.once(name, hear);
  return {
    check: () => {
      if (came !== undefined) throw stopped(came);
    },
    call: (work) => {
      stop = work;
      if (came !== undefined) void work();
    },
    stop: hear,
    leave: () => {
      for (const name of names) process.off(name, hear);
    },
  };
}

const stopped = (signal: string) =>
  new VarveError({
    code: 'STOPPED',
    message: `The start was broken off by ${signal}.`,
    hint: 'Start again: read tables that were being rebuilt stand as they were.',
  });
