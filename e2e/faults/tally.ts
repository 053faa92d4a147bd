import { tracesOf } from './checks/traces.ts';
import type { Finding, Run } from './finding.ts';

/** What came of a round, or of many. */
export interface KillsTally {
  readonly kills: number;
  /** How often by itself, at each named place; the rest at any moment. */
  readonly places: Readonly<Record<string, number>>;
  readonly sendings: number;
  readonly accepted: number;
  readonly refused: number;
  /** Sendings of which nobody was told what became of them. */
  readonly unknown: number;
  /** Commands of which nobody ever was told, that turned out to be there, and not to be. */
  readonly there: number;
  readonly notThere: number;
  readonly reads: number;
  readonly events: number;
  /** Messages of live streams. */
  readonly messages: number;
  readonly findings: readonly Finding[];
}

/** Counts what came of a run. */
export function tallyOf(run: Run, more: Pick<KillsTally, 'kills' | 'places' | 'findings'>): KillsTally {
  const { sendings, reads, heard } = run.history;
  const count = (is: string) => sendings.filter(({ answer }) => answer.is === is).length;
  const untold = tracesOf(run).filter((trace) => trace.sendings.every(({ answer }) => answer.is === 'unknown'));
  const there = untold.filter(({ receipt }) => receipt).length;
  const told = heard.flatMap(({ readings }) => readings.flatMap((reading) => reading.told));
  return {
    ...more,
    sendings: sendings.length,
    accepted: count('accepted'),
    refused: count('refused'),
    unknown: count('unknown'),
    there,
    notThere: untold.length - there,
    reads: reads.length,
    events: run.stored.events.length,
    messages: told.filter((one) => 'said' in one).length,
  };
}
