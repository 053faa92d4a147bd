import { codecOf } from '#command';
import { check } from '../faults/checker.ts';
import type { Finding } from '../faults/finding.ts';
import type { History } from '../faults/history.ts';
import { shopDomain } from '../faults/shop.ts';
import { storedInMemory } from '../faults/stored.ts';
import { application, type Build, realBuild } from './build.ts';
import { Trace } from './trace.ts';
import { type Troubles, World } from './world.ts';

/** What came about, in numbers. */
export type Tally = Record<
  'steps' | 'commands' | 'accepted' | 'refused' | 'lostAnswers' | 'replayed' | 'reads' | 'connections' | 'messages' | 'resyncs' | 'events',
  number
> &
  Troubles;

/** One world, from its beginning to its end. */
export interface Simulated {
  readonly seed: number;
  readonly findings: readonly Finding[];
  /** Of all that happened, in hex. */
  readonly digest: string;
  /** All that happened, where it was to be kept. */
  readonly lines: readonly string[];
  readonly tally: Tally;
}

/** What may be set of a simulation. */
export interface SimulateOptions {
  /** Left out: the real parts. */
  readonly build?: Build;
  readonly isTraceKept?: boolean;
}

const codec = codecOf(application);

/** Plays the world of a seed to its end, and checks it. */
export async function simulate(seed: number, { build = realBuild, isTraceKept = false }: SimulateOptions = {}): Promise<Simulated> {
  const trace = new Trace(isTraceKept);
  const world = new World(seed, trace, build);
  const { disk, recorder, streams } = world;
  try {
    await world.run();
  } catch (fault) {
    recorder.fault(fault instanceof Error ? String(fault.stack) : String(fault));
  } finally {
    world.leave();
  }
  const history = world.history();
  world.scheduler.note(JSON.stringify(history.heard));
  const ids = history.sendings.map(({ commandId }) => commandId);
  const stored = await storedInMemory({ log: disk.log, rows: disk.rows, codec }, application.projections, ids);
  return {
    seed,
    findings: check({ stored, history }, shopDomain(streams)),
    digest: trace.digest(),
    lines: trace.lines,
    tally: { ...tallyOf(world, history), events: stored.events.length },
  };
}

function tallyOf({ scheduler, troubles }: World, { sendings, reads, heard }: History): Omit<Tally, 'events'> {
  const readings = heard.flatMap((one) => one.readings);
  const said = readings.flatMap(({ told }) => told.flatMap((one) => ('said' in one ? [one.said] : [])));
  const answers = (is: string) => sendings.filter(({ answer }) => answer.is === is).length;
  return {
    steps: scheduler.steps,
    commands: sendings.length,
    accepted: answers('accepted'),
    refused: answers('refused'),
    lostAnswers: answers('unknown'),
    replayed: sendings.filter(({ answer }) => answer.is === 'accepted' && answer.replayed).length,
    reads: reads.length,
    connections: readings.length,
    messages: said.length,
    resyncs: said.filter(({ kind }) => kind === 'RESYNC').length,
    ...troubles,
  };
}
