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

/** How long to wait after so many failures in a row, in milliseconds. */
export const pauseAfter = (failures: number): number => Math.min(limits.reactionPauseMs * 2 ** (failures - 1), limits.reactionPauseMaxMs);
