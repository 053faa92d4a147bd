import { type Awaitable, assert } from '#base';
import type { Snapshot, Snapshots } from './read.ts';

const turn = () => new Promise(setImmediate);

/**
 * Snapshots for tests that are run twice. In the project `late` they answer as a store beyond a network does: each answer comes some turns
 * later, a fault by a promise, and whoever gives one back while a read of it is under way is stopped. Else they are as they are.
 */
export function asTested(snapshots: Snapshots, wait: () => Promise<unknown> = turn): Snapshots {
  if (process.env['TEST_LATE'] !== '1') return snapshots;
  return { take: async () => lateSnapshot(await snapshots.take(), wait), close: () => snapshots.close() };
}

function lateSnapshot(snapshot: Snapshot, wait: () => Promise<unknown>): Snapshot {
  let underWay = 0;
  const later = async <T>(read: () => Awaitable<T>): Promise<T> => {
    underWay += 1;
    try {
      const answer = await read();
      await wait();
      return answer;
    } finally {
      underWay -= 1;
    }
  };
  return {
    position: snapshot.position,
    row: (...asked) => later(() => snapshot.row(...asked)),
    rows: (...asked) => later(() => snapshot.rows(...asked)),
    page: (...asked) => later(() => snapshot.page(...asked)),
    count: (...asked) => later(() => snapshot.count(...asked)),
    changes: (...asked) => later(() => snapshot.changes(...asked)),
    release: () => {
      assert(underWay === 0, 'A snapshot was given back amid a read of it.');
      snapshot.release();
    },
  };
}
