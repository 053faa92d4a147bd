import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { OnRebuild } from './rebuild.ts';
import type { StopSignals } from './signals.ts';

/** Shows how far a rebuild is, logs its end, and breaks it off where the process is told to stop. */
export function toldOfRebuild(logger: Logger, signals: Pick<StopSignals, 'check'>): OnRebuild {
  const bar = rebuildBar();
  return (tables, progress) => {
    bar(tables, progress);
    if (progress.done < progress.total) signals.check();
    else logger.info({ tables, events: progress.total }, 'read tables rebuilt');
  };
}

/** A bar on a terminal; nothing in a pipe, where the log says it all. */
function rebuildBar(stream: NodeJS.WriteStream = process.stderr): OnRebuild {
  if (!stream.isTTY) return () => {};
  let bar: SingleBar | undefined;
  return (tables, { done, total }) => {
    if (!bar) {
      bar = new SingleBar({
        stream,
        format: `Rebuilding ${tables.join(', ')} {bar} {percentage}% | {value}/{total} events | {eta_formatted} left`,
      });
      bar.start(total, 0);
    }
    bar.setTotal(total);
    bar.update(done);
    if (done === total) bar.stop();
  };
}
