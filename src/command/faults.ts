import { limits, VarveError } from '#base';

/** The writer stops, and takes no new commands. */
export const shuttingDown = () =>
  new VarveError({
    code: 'SHUTTING_DOWN',
    message: 'The server is stopping and takes no new commands.',
    hint: 'Send it again, with the same commandId, in a moment.',
    retryable: true,
  });

/** As many commands wait as may. */
export const overloaded = () =>
  new VarveError({
    code: 'OVERLOADED',
    message: `${limits.queueCommandsMax} commands are waiting already.`,
    hint: 'Send it again, with the same commandId, in a moment.',
    retryable: true,
  });
