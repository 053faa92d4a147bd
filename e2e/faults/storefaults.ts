import { limits } from '#base';
import { pause } from '../load.ts';
import { Fleet } from './fleet.ts';
import { type FleetTally, patienceMs, tallied } from './fleettally.ts';
import { killedAt } from './killpoint.ts';
import { type Direction, startStoreProxy } from './storeproxy.ts';

/** What a fault between servers and their store is tried with. */
export interface StoreFaultOptions {
  readonly seed: number;
  readonly store: string;
  readonly writers: number;
}

/** What came of it. */
export interface StoreFaultTally extends FleetTally {
  /** How long a command to the other server took amid the fault, at most, in milliseconds. */
  readonly otherMs: number;
  /** How long after it a command to the server that met it took, at most, in milliseconds. */
  readonly ownMs: number;
}

/** A third of the writers keeps to the server that meets the fault, a third to the other one. */
const homes = (writer: number) => (writer % 3 === 2 ? undefined : writer % 3);

/** Cuts the network between one of two servers and the store, in each direction and in both, for so long; the other server goes on. */
export async function playCuts({ cutMs, ...options }: StoreFaultOptions & { readonly cutMs: number }): Promise<StoreFaultTally> {
  await using proxy = await startStoreProxy(options.store);
  await using fleet = new Fleet({ ...options, ways: [proxy.url, options.store], homes });
  await fleet.begin();
  await fleet.accepts(20, patienceMs);
  const [other, own]: [number[], number[]] = [[], []];
  for (const directions of [['there'], ['back'], ['there', 'back']] satisfies Direction[][]) {
    const ends = pause(cutMs);
    proxy.cut(...directions);
    other.push(await probed(fleet, 1));
    await ends;
    proxy.mend();
    own.push(await probed(fleet, 0));
  }
  return await ended(fleet, other, own);
}

/** Has connections die between a commit and its answer, so often. */
export async function playLostCommits({ times, ...options }: StoreFaultOptions & { readonly times: number }): Promise<StoreFaultTally> {
  await using proxy = await startStoreProxy(options.store);
  await using fleet = new Fleet({ ...options, ways: [proxy.url, options.store], homes });
  await fleet.begin();
  const [other, own]: [number[], number[]] = [[], []];
  for (let i = 0; i < times; i++) {
    await proxy.loseCommit();
    other.push(await probed(fleet, 1));
    own.push(await probed(fleet, 0));
  }
  return await ended(fleet, other, own);
}

/** Stops a server as soon as it has the lock, for longer than it may have it, and has it go on then. */
export async function playStandstill(options: StoreFaultOptions): Promise<StoreFaultTally> {
  const point = killedAt({ at: 'query', sql: ' FOR UPDATE$', when: 'answered', nth: 20, signal: 'SIGSTOP' });
  const environment = (server: number) => (server === 0 ? point : {});
  await using fleet = new Fleet({ ...options, ways: [options.store, options.store], homes, environment });
  await fleet.begin();
  if (!(await fleet.stands(0, patienceMs))) throw new Error('It did not stand still.');
  const ends = pause(limits.lockHoldMs + limits.lockTimeoutMs);
  const other = [await probed(fleet, 1)];
  await ends;
  other.push(await probed(fleet, 1));
  fleet.signal(0, 'SIGCONT');
  return await ended(fleet, other, [await probed(fleet, 0)]);
}

async function probed(fleet: Fleet, server: number): Promise<number> {
  const ms = await fleet.probe(server, patienceMs);
  if (ms === undefined)
    throw new Error(`Server ${server} did not accept a command for ${patienceMs} ms: ${fleet.said(server).slice(-2_000)}`);
  return ms;
}

async function ended(fleet: Fleet, other: readonly number[], own: readonly number[]): Promise<StoreFaultTally> {
  await fleet.accepts(20, patienceMs);
  const most = (times: readonly number[]) => Math.ceil(Math.max(...times));
  return { ...(await tallied(fleet)), otherMs: most(other), ownMs: most(own) };
}
