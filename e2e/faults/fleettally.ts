import type { Finding } from './finding.ts';
import type { Fleet } from './fleet.ts';
import type { History } from './history.ts';

/** What came of a fleet that something was done to. */
export interface FleetTally {
  /** How often commands were answered so: `accepted`, or with which code, or for what reason not at all. */
  readonly answers: Readonly<Record<string, number>>;
  readonly events: number;
  /** Reads that were answered. */
  readonly reads: number;
  readonly findings: readonly Finding[];
}

/** Longer than any time-out that is to end a wait, on a slow machine. */
export const patienceMs = 60_000;

/** Lets everybody finish, and holds what is stored against all that was told. */
export async function tallied(fleet: Fleet): Promise<FleetTally> {
  const history = await fleet.finish();
  const { stored, findings } = await fleet.check(history);
  return { answers: answersIn(history), events: stored.events.length, reads: history.reads.length, findings };
}

function answersIn({ sendings }: History): Readonly<Record<string, number>> {
  const ways = Map.groupBy(sendings, ({ answer }) => (answer.is === 'accepted' ? answer.is : answer.why));
  return Object.fromEntries([...ways].map(([way, sent]) => [way, sent.length]));
}
