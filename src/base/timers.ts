/** Where waiting comes from. Who keeps a timer gets it from here, so that a simulation can say when it is time. */
export interface Timers {
  /** Calls once, after so many milliseconds; answers how to call it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls again and again, so many milliseconds apart; answers how to call it off. */
  every(ms: number, call: () => void): () => void;
}

/** The machine's own timers. */
export const systemTimers: Timers = {
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, call) => {
    const timer = setInterval(call, ms);
    return () => clearInterval(timer);
  },
};
