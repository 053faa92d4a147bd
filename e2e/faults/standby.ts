import { limits } from '#base';
import { pause } from '../load.ts';
import { startCluster } from './cluster.ts';
import { Fleet } from './fleet.ts';
import { type FleetTally, patienceMs, tallied } from './fleettally.ts';
import { asked } from './pgserver.ts';

/** What came of it. */
export interface StandbyTally extends FleetTally {
  /** Reads that were answered after the standby was away. */
  readonly readsAfter: number;
}

/**
 * Has two servers read from a standby under load, while it stands still, dies and comes back, and is promoted after the primary died.
 */
export async function playStandby(options: { readonly seed: number; readonly writers: number }): Promise<StandbyTally> {
  await using cluster = await startCluster({ isAsync: true });
  const { url, urls } = cluster;
  const [primary, standby] = urls;
  const environment = () => ({ VARVE_READ_STORE: standby });
  await using fleet = new Fleet({ ...options, store: standby, ways: [url, url], environment, isBehind: true });
  const goesOn = async () => {
    if ((await fleet.accepts(20, patienceMs)) === undefined)
      throw new Error(`Nothing was accepted for long: ${fleet.said(0).slice(-2_000)}`);
  };
  await fleet.begin();
  await goesOn();
  await asked(standby, 'SELECT pg_wal_replay_pause()');
  await goesOn();
  await pause(limits.atLeastWaitMs + 1_000);
  await asked(standby, 'SELECT pg_wal_replay_resume()');
  await goesOn();
  await cluster.killStandby();
  await goesOn();
  await cluster.restartStandby();
  const before = fleet.recorder.history().reads.length;
  await goesOn();
  // From here on no accepted command may be lost with the primary.
  await asked(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await asked(primary, 'SELECT pg_reload_conf()');
  await pause(1_000);
  await goesOn();
  await cluster.killPrimary();
  await cluster.promote();
  await goesOn();
  const tally = await tallied(fleet);
  return { ...tally, readsAfter: tally.reads - before };
}
