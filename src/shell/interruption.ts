import { VarveError } from '#base';

/** Whether the process was told to stop. */
export interface Interruption {
  /** Throws `INTERRUPTED` where it was. */
  check(): void;
}

/** Hears SIGINT and SIGTERM, so that work that is broken off tidies up. A second one ends the process at once. */
export function interruptions(): Interruption {
  let came: NodeJS.Signals | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      came = name;
    });
  return {
    check: () => {
      if (came === undefined) return;
      throw new VarveError({ code: 'INTERRUPTED', message: `It was broken off by ${came}.`, hint: 'Run it again.' });
    },
  };
}
