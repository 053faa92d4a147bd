const given = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

/** What bounds a run, from the environment: a quick one is `SECONDS=1 ROUNDS=1 EVENTS=20000 npm run bench`. */
export const bounds = {
  /** Rounds in turns; of each figure the median counts. */
  rounds: given('ROUNDS', 3),
  /** Of one measurement. */
  seconds: given('SECONDS', 5),
  /** In the largest log. */
  events: given('EVENTS', 1_000_000),
} as const;
