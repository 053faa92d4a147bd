import { Worker } from 'node:worker_threads';
import type { Finding } from '../faults/finding.ts';
import type { Tally } from './simulate.ts';

/** What a thread says of a seed: that something is wrong before its world has ended, or what came of it. */
export interface Played {
  readonly seed: number;
  readonly findings: readonly Finding[];
  /** The world has ended, and the thread takes another seed. */
  readonly isOver: boolean;
  readonly tally?: Tally;
}

/** Which worlds are played, and by how many threads. */
export interface CampaignOptions {
  readonly firstSeed: number;
  readonly runs: number;
  readonly threads: number;
  /** No world is begun after so many seconds; left out: all are. */
  readonly secondsMax?: number;
  /** Told now and then how many have been played. */
  readonly onProgress?: (played: number) => void;
}

/** What came of many worlds. */
export interface Campaign {
  readonly played: number;
  readonly seconds: number;
  /** Undefined where no world came to its end. */
  readonly total: Tally | undefined;
  /** Worlds with something wrong, in the order of their seeds. */
  readonly failed: readonly Pick<Played, 'seed' | 'findings'>[];
}

/** Of so many failed worlds it is known enough. */
const failedMax = 20;

/** Plays the worlds of some seeds, one after another, on several threads. */
export async function campaign({
  firstSeed,
  runs,
  threads,
  secondsMax = Number.POSITIVE_INFINITY,
  onProgress = () => {},
}: CampaignOptions): Promise<Campaign> {
  const begun = performance.now();
  const failed = new Map<number, Finding[]>();
  const tallies: Tally[] = [];
  let next = firstSeed;
  const isOver = (): boolean => next >= firstSeed + runs || failed.size >= failedMax || performance.now() - begun > secondsMax * 1_000;
  const seeds = (): number | undefined => (isOver() ? undefined : next++);
  const told = ({ seed, findings, tally }: Played): void => {
    if (findings.length > 0) failed.set(seed, [...(failed.get(seed) ?? []), ...findings]);
    if (!tally) return;
    tallies.push(tally);
    onProgress(tallies.length);
  };
  await Promise.all(Array.from({ length: Math.min(threads, runs) }, () => playSome(seeds, told)));
  return {
    played: tallies.length,
    seconds: (performance.now() - begun) / 1_000,
    total: sumOf(tallies),
    failed: [...failed].sort(([a], [b]) => a - b).map(([seed, findings]) => ({ seed, findings })),
  };
}

/** Has one thread play seeds, as long as there are any. */
function playSome(seeds: () => number | undefined, told: (played: Played) => void): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const play = (): void => {
    const seed = seeds();
    if (seed === undefined) void worker.terminate().then(() => resolve());
    else worker.postMessage(seed);
  };
  worker.on('message', (played: Played) => {
    told(played);
    if (played.isOver) play();
  });
  worker.on('error', reject);
  play();
  return promise;
}

function sumOf(tallies: readonly Tally[]): Tally | undefined {
  const [first, ...rest] = tallies;
  if (!first) return undefined;
  const total = { ...first };
  for (const tally of rest) for (const what of Object.keys(total) as (keyof Tally)[]) total[what] += tally[what];
  return total;
}
