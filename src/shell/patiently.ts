import { setTimeout as pause } from 'node:timers/promises';
import { limits, VarveError } from '#base';
import type { Patience } from '#projector';

/**
 * A {@link Patience}: does work that is told `LOG_BUSY` before it has begun again, for a while: another process holds the log, or what is to be replaced is being read.
 */
export const patiently: Patience = async (work) => {
  const until = performance.now() + limits.rebuildBusyWaitMs;
  for (;;) {
    let hasBegun = false;
    try {
      return await work(() => {
        hasBegun = true;
      });
    } catch (fault) {
      const isBusy = fault instanceof VarveError && fault.code === 'LOG_BUSY';
      if (!isBusy || hasBegun || performance.now() > until) throw fault;
    }
    await pause(limits.rebuildBusyPauseMs);
  }
};
