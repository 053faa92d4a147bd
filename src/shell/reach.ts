import { type Awaitable, limits, systemTimers, type Timers, VarveError } from '#base';

/** Whether something that is far away answers: `ok`, or the code of why it does not. */
export type Reached = string;

const away = 'STORE_UNAVAILABLE';

/** Why something did not answer. */
export const whyAway = (fault: unknown): Reached => (fault instanceof VarveError ? fault.code : away);

/**
 * Makes a look whether something answers. One look is under way at a time, which is everybody's who comes meanwhile; whoever waits for it for longer than
 * `limits.healthWaitMs` is told `STORE_UNAVAILABLE`.
 *
 * @param ask what is to be answered
 */
export function lookAt(ask: () => Awaitable<unknown>, timers: Timers = systemTimers): () => Promise<Reached> {
  let looking: Promise<Reached> | undefined;
  const look = async () => {
    try {
      await ask();
      return 'ok';
    } catch (fault) {
      return whyAway(fault);
    }
  };
  return async () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    const late = Promise.withResolvers<Reached>();
    const callOff = timers.after(limits.healthWaitMs, () => late.resolve(away));
    const reached = await Promise.race([looking, late.promise]);
    callOff();
    return reached;
  };
}
