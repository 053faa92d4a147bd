import { SingleBar } from 'cli-progress';

/** Shows how far a sending is. */
export interface Progress {
  readonly update: (sent: number, planned: number) => void;
  readonly stop: () => void;
}

/** A bar on the terminal's error stream; nothing where it is not to be `shown`. */
export function progress(shown: boolean, planned: number): Progress {
  if (!shown) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{bar} {value}/{total} sent, {eta_formatted} left', hideCursor: true, clearOnComplete: true });
  bar.start(planned, 0);
  return {
    update: (sent, total) => {
      bar.setTotal(total);
      bar.update(sent);
    },
    stop: () => bar.stop(),
  };
}
