import { pause } from '../load.ts';
import { startCluster } from './cluster.ts';
import { Fleet } from './fleet.ts';
import { type FleetTally, patienceMs, tallied } from './fleettally.ts';

/** What is done to a primary and its standby. */
export interface FailoverOptions {
  readonly seed: number;
  readonly writers: number;
  /** Commits do not wait for the standby, which gets nothing for a while before the primary dies. */
  readonly isAsync?: boolean;
}

/** What came of it. */
export interface FailoverTally extends FleetTally {
  /** How long after the standby was promoted a command was accepted, in milliseconds. */
  readonly backMs: number;
}

/** Kills the primary under load and promotes its standby; the servers, which know both, are left to themselves. */
export async function playFailover({ isAsync = false, ...options }: FailoverOptions): Promise<FailoverTally> {
  await using cluster = await startCluster({ isAsync });
  const { url, urls } = cluster;
  await using fleet = new Fleet({ ...options, store: urls[1], ways: [url, url] });
  await fleet.begin();
  await fleet.accepts(40, patienceMs);
  if (isAsync) cluster.holdUpStandby();
  await fleet.accepts(20, patienceMs);
  await cluster.killPrimary();
  await pause(500);
  await cluster.promote();
  const times = [await fleet.probe(0, patienceMs), await fleet.probe(1, patienceMs)];
  await fleet.accepts(40, patienceMs);
  const backMs = Math.ceil(Math.max(...times.map((ms) => ms ?? Number.POSITIVE_INFINITY)));
  return { ...(await tallied(fleet)), backMs };
}
