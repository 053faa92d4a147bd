import { limits, textOf, VarveError } from '#base';
import type { StoredEvent } from '#eventstore';

/** An answer, or the way to it, has thrown. */
export const answerFailed = (name: string, { position, type }: StoredEvent, cause: unknown): VarveError =>
  new VarveError({
    code: 'REACTION_FAILED',
    message: `The reaction ${name} has failed on the event at position ${position}, ${type}: ${textOf(cause)}`,
    hint: `It is tried again, and what comes after it waits. Mend what it says; or pass over the event: varve reactions skip ${name}`,
    retryable: true,
    cause,
  });

/** What the signal of an answer says that took too long. */
export const tooSlow = (): VarveError =>
  new VarveError({
    code: 'REACTION_TOO_SLOW',
    message: `It took longer than ${limits.reactionTimeMaxMs} ms.`,
    hint: 'Have it do less, or hand its signal on to what it waits for.',
    retryable: true,
  });

/** What the signal of an answer says that is under way when the server stops. */
export const stopping = (): VarveError =>
  new VarveError({
    code: 'SHUTTING_DOWN',
    message: 'The server is stopping.',
    hint: 'Nothing: the event is answered again at the next start.',
    retryable: true,
  });

/** What an answer under way is aborted with, and what a process is told that would note how far a reaction has come which another one runs by now. */
export const leaseLost = (name: string): VarveError =>
  new VarveError({
    code: leaseLostCode,
    message: `This process did not keep the lease of the reaction ${name} in time: another one may run it.`,
    hint: 'Nothing: what was not noted is answered again, with the same key. If it happens often, look what has this process or its network stand still.',
    retryable: true,
  });

/** Its row is gone. */
export const leaseForgotten = (name: string): VarveError =>
  new VarveError({
    code: 'REACTION_FORGOTTEN',
    message: `The log does not know the reaction ${name} any more: another log was taken in there.`,
    hint: 'Start this server again: the reaction begins where the log ends then.',
  });

const leaseLostCode = 'REACTION_LEASE_LOST';

/** Tells {@link leaseLost} from other faults. */
export const isLeaseLost = (fault: unknown): boolean => fault instanceof VarveError && fault.code === leaseLostCode;

/** How long to wait after so many failures in a row, in milliseconds. */
export const pauseAfter = (failures: number): number => Math.min(limits.reactionPauseMs * 2 ** (failures - 1), limits.reactionPauseMaxMs);
