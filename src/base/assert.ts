import { VarveError } from './errors.ts';

/**
 * Holds the code to what it believes. A false condition is a bug, never a bad input or a refusal:
 * it throws a {@link VarveError} with code `BUG`, which takes down the one command that met it.
 */
export function assert(
  condition: unknown,
  message: string,
  hint = 'This is a bug: please report it with the log line.',
): asserts condition {
  if (!condition) throw new VarveError({ code: 'BUG', message, hint });
}
