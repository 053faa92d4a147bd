import { type Clock, limits, systemClock } from '#base';
import type { Dispatcher } from '#command';
import { type EventStore, forgetReceipts } from '#eventstore';

/** What old receipts are forgotten by. */
export interface RetentionOptions {
  /** How long a receipt is kept at least, in days; undefined: for ever. */
  readonly receiptsDays: number | undefined;
  /** Told where forgetting met a bug. */
  readonly onFault: (fault: unknown) => void;
  readonly clock?: Clock;
}

const dayMs = 86_400_000;
const isOfStore = (fault: unknown) =>
  fault instanceof Error && 'code' in fault && /^(STORAGE|STORE|OUTCOME|SQLITE|LOG)_/.test(String(fault.code));

/** Forgets receipts as they grow old, from now on and until the dispatcher is closed, beside whatever is decided. */
export function withRetention(dispatcher: Dispatcher, log: EventStore<unknown>, options: RetentionOptions): Dispatcher {
  const { receiptsDays, onFault, clock = systemClock } = options;
  if (receiptsDays === undefined) return dispatcher;
  let isOver = false;
  const forget = () =>
    forgetReceipts(log, new Date(clock.now().getTime() - receiptsDays * dayMs), () => isOver).catch((fault: unknown) => {
      // Of a disk that fails each command is told; what was not forgotten is so the next time.
      if (!isOfStore(fault)) onFault(fault);
    });
  let forgetting = forget();
  const timer = setInterval(() => {
    forgetting = forgetting.then(forget);
  }, limits.receiptsForgottenEachMs).unref();
  return {
    send: (...sent) => dispatcher.send(...sent),
    close: async () => {
      isOver = true;
      clearInterval(timer);
      await dispatcher.close();
      await forgetting;
    },
  };
}
