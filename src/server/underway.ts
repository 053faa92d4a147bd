import type { Timers } from '#base';

/** Counts what is under way, for whoever must wait until nothing is. */
export interface Underway {
  /** Something began; call what it returns, once, when it ended. */
  begin(): () => void;
  /** Counts the work while it runs. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way; false where that took longer than the time. */
  idle(timeoutMs: number): Promise<boolean>;
}

/** A new count, of nothing. */
export function underwayCount(timers: Timers): Underway {
  let count = 0;
  let told: (() => void) | undefined;
  const begin = (): (() => void) => {
    count += 1;
    return () => {
      count -= 1;
      if (count === 0) told?.();
    };
  };
  return {
    begin,
    during: async (work) => {
      const end = begin();
      try {
        return await work();
      } finally {
        end();
      }
    },
    idle: (timeoutMs) =>
      new Promise((resolve) => {
        if (count === 0) return resolve(true);
        const callOff = timers.after(timeoutMs, () => resolve(false));
        told = () => {
          callOff();
          resolve(true);
        };
      }),
  };
}
