import type { Awaitable } from '#base';
import type { Snapshot, Snapshots } from './read.ts';

/** Takes a snapshot, of all that is known, for one reading, and gives it back when that has come to its end: not amid a read that takes its time. */
export async function readOnce<T>(snapshots: Snapshots, work: (snapshot: Snapshot) => Awaitable<T>): Promise<T> {
  const snapshot = await (snapshots.takeKnown?.() ?? snapshots.take());
  try {
    const read = work(snapshot);
    return read instanceof Promise ? await read : read;
  } finally {
    snapshot.release();
  }
}
