import { setTimeout as pause } from 'node:timers/promises';
import { limits, type Position, VarveError } from '#base';
import type { Snapshot, Snapshots } from './read.ts';

/** What {@link replicaSnapshots} stands on. */
export interface ReplicaParts {
  /** Of a database that follows another one, and may be behind it. */
  readonly replica: Snapshots;
  /** Of the one that it follows. */
  readonly primary: Snapshots;
  /** The log's last position that was made known. */
  readonly known: () => Position;
  /** How long it is waited for; left out: `limits.atLeastWaitMs`. */
  readonly waitMs?: number;
}

/**
 * Snapshots of a replica. As a rule each is of whatever it has; who needs all that is known waits until it has that, and is told `REPLICA_BEHIND` (retryable)
 * where it does not come in time. What answers a command is read from the primary.
 */
export function replicaSnapshots({ replica, primary, known, waitMs = limits.atLeastWaitMs }: ReplicaParts): Snapshots {
  const takeAt = async (position: Position): Promise<Snapshot> => {
    const until = performance.now() + waitMs;
    for (;;) {
      const snapshot = await replica.take();
      if (snapshot.position >= position) return snapshot;
      snapshot.release();
      if (performance.now() > until) throw behind(position, snapshot.position);
      await pause(limits.replicaLookMs);
    }
  };
  return {
    take: () => replica.take(),
    takeKnown: (position = known()) => takeAt(position),
    takeOwn: () => primary.take(),
    close: () => {
      replica.close();
      primary.close();
    },
  };
}

const behind = (position: Position, at: Position) =>
  new VarveError({
    code: 'REPLICA_BEHIND',
    message: `The replica that is read from has come to position ${at}, and not to ${position}.`,
    hint: 'Ask again in a moment; if that lasts, look why the replica does not follow.',
    retryable: true,
  });
