import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { OnRebuild } from './rebuild.ts';
import type { StopSignals } from './signals.ts';

/** Where a bar may be drawn. */
export type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows how far a rebuild is, logs its end, and breaks it off where the process is told to stop. */
export function toldOfRebuild(logger: Logger, signals: Pick<StopSignals, 'check'>, stream: Terminal = process.stderr): OnRebuild {
  const bar = terminalBar(stream);
  return (tables, progress) => {
    bar.show({ ...progress, title: `Rebuilding ${tables.join(', ')}`, unit: 'events' });
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

/** Of what, how far, and of how many. */
interface Shown {
  readonly title: string;
  readonly unit: string;
  readonly done: number;
  readonly total: number;
}

/** Told how far a piece of work is. */
export type ShowProgress = (shown: Shown) => void;

/** A bar that is drawn while something is under way. */
export interface Bar {
  readonly show: ShowProgress;
  /** Draws no more: a bar that is left keeps the process alive. */
  end(): void;
}

/** A bar with the time that is left, on a terminal; nothing in a pipe, where the log says it all. A new title begins a new bar. */
export function terminalBar(stream: Terminal = process.stderr): Bar {
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  let bar: SingleBar | undefined;
  let drawn: string | undefined;
  return {
    show: ({ title, unit, done, total }) => {
      // A new log has nothing to fold, and is done before a bar could be seen.
      if (total === 0) return;
      if (!bar || title !== drawn) {
        bar?.stop();
        bar = new SingleBar({ stream, format: `${title} {bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left` });
        bar.start(total, 0);
        drawn = title;
      }
      bar.setTotal(total);
      bar.update(done);
    },
    end: () => bar?.stop(),
  };
}
