/** Numbers that seem random and are the same for the same seed. */
export interface Dice {
  /** A whole number from 0, and below another. */
  below(end: number): number;
}

/** Mulberry32: small, and good enough to choose by (https://github.com/bryc/code, PRNGs). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return {
    below: (end) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
    },
  };
}
