import { expect, test } from 'vitest';
import type { Snapshot, Snapshots } from './read.ts';
import { replicaSnapshots } from './replica.ts';

/** Snapshots that are of the position which they are told, and count how many are out. */
function at(where: { position: number }, name: string) {
  let out = 0;
  const take = async () => {
    out += 1;
    const [row, rows, page, count, changes] = [undefined, [], { rows: [], hasNextPage: false, hasPreviousPage: false }, 0, undefined];
    return {
      name,
      position: where.position,
      row: () => row,
      rows: () => rows,
      page: () => page,
      count: () => count,
      changes: () => changes,
      release: () => {
        out -= 1;
      },
    };
  };
  return { take, close: () => {}, out: () => out } satisfies Snapshots & { out: () => number };
}

const nameOf = (snapshot: Snapshot | undefined) => snapshot && 'name' in snapshot && snapshot.name;

test('a replica is read as it stands; by who needs all that is known, when it has that; a command is answered from the primary', async () => {
  const [behind, ahead] = [{ position: 3 }, { position: 7 }];
  const [replica, primary] = [at(behind, 'replica'), at(ahead, 'primary')];
  const snapshots = replicaSnapshots({ replica, primary, known: () => ahead.position, waitMs: 2_000 });
  expect([nameOf(await snapshots.take()), (await snapshots.take()).position]).toEqual(['replica', 3]);
  expect(nameOf(await snapshots.takeOwn?.())).toBe('primary');
  const waiting = snapshots.takeKnown?.();
  expect((await snapshots.takeKnown?.(3))?.position).toBe(3);
  setTimeout(() => {
    behind.position = 7;
  }, 30);
  expect((await waiting)?.position).toBe(7);
  // What was looked at in vain was given back.
  expect([replica.out(), primary.out()]).toEqual([4, 1]);
});

test('a replica that does not come so far in time is told of', async () => {
  const replica = at({ position: 3 }, 'replica');
  const snapshots = replicaSnapshots({ replica, primary: at({ position: 9 }, 'primary'), known: () => 9, waitMs: 40 });
  await expect(snapshots.takeKnown?.()).rejects.toMatchObject({
    code: 'REPLICA_BEHIND',
    retryable: true,
    message: expect.stringContaining('position 3'),
  });
  expect(replica.out()).toBe(0);
});
