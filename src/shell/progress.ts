import { SingleBar } from 'cli-progress';
import type { OnRebuild } from './rebuild.ts';

/** A bar on a terminal; nothing in a pipe, where the log says it all. */
export function rebuildBar(stream: NodeJS.WriteStream = process.stderr): OnRebuild {
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
