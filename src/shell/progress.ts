import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { OnRebuild } from './rebuild.ts';
import type { StopSignals } from './signals.ts';

/** Where a bar may be drawn. */
type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Shows how far a rebuild is, logs its end, and breaks it off where the process is told to stop. */
export function toldOfRebuild(logger: Logger, signals: Pick<StopSignals, 'check'>, stream: Terminal = process.stderr): OnRebuild {
  const bar = rebuildBar(stream);
  return (tables, progress) => {
    bar.show(tables, progress);
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

interface Bar {
  readonly show: OnRebuild;
  /** Draws no more: a bar that is left keeps the process alive. */
  end(): void;
}

/** A bar on a terminal; nothing in a pipe, where the log says it all. */
function rebuildBar(stream: Terminal): Bar {
  if (!stream.isTTY) return { show: () => {}, end: () => {} };
  let bar: SingleBar | undefined;
  return {
    show: (tables, { done, total }) => {
      // A new log has nothing to fold, and is done before a bar could be seen.
      if (total === 0) return;
      if (!bar) {
        bar = new SingleBar({
          stream,
          format: `Rebuilding ${tables.join(', ')} {bar} {percentage}% | {value}/{total} events | {eta_formatted} left`,
        });
        bar.start(total, 0);
      }
      bar.setTotal(total);
      bar.update(done);
    },
    end: () => bar?.stop(),
  };
}
