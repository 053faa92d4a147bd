import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { OnRebuild } from './rebuild.ts';
import type { StopSignals } from './signals.ts';

/** Where a bar may be drawn. */
export type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows how far a rebuild is, logs its end, and breaks it off where the process is told to stop. */
export function toldOfRebuild(logger: Logger, signals: Pick<StopSignals, 'check'>, stream: Terminal = process.stderr): OnRebuild {
  const bar = progressBar(stream);
  return (tables, progress) => {
    bar.show(`Rebuilding ${tables.join(', ')}, in events`, progress.done, progress.total);
    if (progress.done === progress.total) {
      bar.end();
      logger.info({ tables, events: progress.total }, 'read tables rebuilt');
      return;
    }
    try {
      signals.check();
    } catch (stopped) {
      bar.end();
      throw stopped;
    }
  };
}

/** Told of a piece of work, in words, and how far it is. */
export type ShowProgress = (what: string, done: number, total: number) => void;

/** How far work is, for whoever looks. */
export interface Bar {
  readonly show: ShowProgress;
  /** Draws no more: a bar that is left keeps the process alive. */
  end(): void;
}

/** A bar with the time that is left, on a terminal; nothing in a pipe. Each piece of work has a line of its own. */
export function progressBar(stream: Terminal): Bar {
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  let bar: SingleBar | undefined;
  let shown = '';
  return {
    show: (what, done, total) => {
      // What is nothing to do is done before a bar could be seen.
      if (total === 0) return;
      if (!bar || what !== shown) {
        bar?.stop();
        shown = what;
        bar = new SingleBar({ stream, format: `${what} {bar} {percentage}% | {value}/{total} | {eta_formatted} left` });
        bar.start(total, 0);
      }
      bar.setTotal(total);
      bar.update(done);
    },
    end: () => bar?.stop(),
  };
}
