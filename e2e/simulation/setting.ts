import type { BacklogSizes } from '#livestream';
import type { NetworkSetting } from './network.ts';
import type { Scheduler } from './scheduler.ts';

/** How a world is set: most limits are so narrow that they are crossed. */
export interface Setting {
  readonly network: NetworkSetting;
  readonly backlog: Partial<BacklogSizes>;
  readonly caches: {
    readonly statesCachedMax: number;
    readonly statesCachedBytesMax: number;
    readonly rowsCachedMax: number;
    readonly rowsCachedBytesMax: number;
  };
  readonly journalPositionsMax: number;
  readonly heartbeatMs: number;
  /** Live streams that a server has at a time. */
  readonly streamsMax: number;
  /** The writer has a thread of its own. */
  readonly isApart: boolean;
  /** How long a command may stand still there, in ms. */
  readonly commandTimeMaxMs: number;
  readonly shortWay: boolean;
  readonly compiled: boolean;
  /** Who sends commands, and how many are sent in all. */
  readonly traders: number;
  readonly sendings: number;
  /** Who follows live streams. */
  readonly readers: number;
  /** How many things go wrong. */
  readonly troubles: number;
}

const generousCaches = { statesCachedMax: 1_000, statesCachedBytesMax: 1e6, rowsCachedMax: 1_000, rowsCachedBytesMax: 1e6 };

/** Sets a world by chance. */
export function settingOf(scheduler: Scheduler): Setting {
  const { chance } = scheduler;
  const latencyMsMax = scheduler.any([0, 2, 5, 20]);
  const tinyBacklog = {
    messagesMax: scheduler.any([2, 5, 20]),
    bytesMax: scheduler.any([300, 2_000, 20_000]),
    allBytesMax: scheduler.any([500, 5_000, 50_000]),
    runBytesMax: scheduler.any([1, 500, 10_000]),
  };
  const tinyCaches = {
    statesCachedMax: 1 + chance(20),
    statesCachedBytesMax: 200 + chance(4_000),
    rowsCachedMax: 1 + chance(5),
    rowsCachedBytesMax: 50 + chance(1_000),
  };
  return {
    network: { latencyMsMax, windowBytes: scheduler.any([256, 1_024, 16_384]) },
    backlog: scheduler.oneIn(4) ? {} : tinyBacklog,
    caches: scheduler.oneIn(2) ? generousCaches : tinyCaches,
    // Never so few that a snapshot in memory, which stands on the journal, could be outlived by it within one turn.
    journalPositionsMax: scheduler.any([12, 30, 100_000]),
    // Long enough for a ping to be answered, in pieces.
    heartbeatMs: Math.max(scheduler.any([20, 100, 1_000]), 15 * latencyMsMax),
    streamsMax: scheduler.any([2, 100, 100]),
    isApart: scheduler.oneIn(2),
    commandTimeMaxMs: scheduler.any([40, 200]),
    shortWay: !scheduler.oneIn(8),
    compiled: !scheduler.oneIn(8),
    traders: 2 + chance(4),
    sendings: 12 + chance(36),
    readers: 1 + chance(4),
    troubles: chance(8),
  };
}
