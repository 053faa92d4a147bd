import { DomainFault, limits, textOf, VarveError } from '#base';
import type { Envelope } from './envelope.ts';

/** The writer stops, and takes no new commands. */
export const shuttingDown = () =>
  new VarveError({
    code: 'SHUTTING_DOWN',
    message: 'The server is stopping and takes no new commands.',
    hint: 'Send it again, with the same commandId, in a moment.',
    retryable: true,
  });

/** Domain code that does not end. */
export const tooSlow = (command: string, commandId: string | undefined, timeMaxMs: number) =>
  new VarveError({
    code: 'COMMAND_TOO_SLOW',
    message: `The command ${command}${commandId === undefined ? '' : ` (${commandId})`} stood still for ${timeMaxMs / 1_000} s while it was decided.`,
    hint: 'Nothing of it was stored. Look in its decider, and in the projections and upcasters of its events, for a loop that does not end.',
  });

/** As many commands wait as may. */
export const overloaded = () =>
  new VarveError({
    code: 'OVERLOADED',
    message: `${limits.queueCommandsMax} commands are waiting already.`,
    hint: 'Send it again, with the same commandId, in a moment.',
    retryable: true,
  });

/** Domain code that throws is a bug, whatever it throws. */
export function asFault({ command, commandId }: Envelope, fault: unknown): VarveError {
  if (fault instanceof VarveError && !(fault instanceof DomainFault)) return fault;
  const cause = fault instanceof DomainFault ? fault.cause : fault;
  return new VarveError({
    code: 'BUG',
    message: `The command ${command.name} (${commandId}) failed in its decider or a projection: ${textOf(cause)}`,
    hint: 'Nothing of it was stored. Mend the code that the stack names.',
    cause,
  });
}

/** Of what a store throws, what met every command alike: a disk that takes nothing, a commit that may be there, a lock that is not given. */
export const isOfAll = (fault: unknown) =>
  fault instanceof Error &&
  'code' in fault &&
  /^(STORAGE_FULL|STORAGE_FAILED|STORE_UNAVAILABLE|STORE_RIGHTS_MISSING|LOG_BUSY|SUPERSEDED|OUTCOME_UNKNOWN|SQLITE_BUSY.*)$/.test(
    String(fault.code),
  );

/** What is one command's fault. Domain code's are told as such, whatever they say: all else but ours was thrown by the store, and is thrown on. */
export function asFaultOfOne(fault: unknown): { readonly fault: unknown } {
  if (!(fault instanceof VarveError) || isOfAll(fault)) throw fault;
  return { fault };
}
