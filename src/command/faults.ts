import { limits, VarveError } from '#base';

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
