import { checkCommands } from './checks/commands.ts';
import { checkChain, checkPositions, checkVersions } from './checks/log.ts';
import { checkOrder, checkReads } from './checks/order.ts';
import { checkRows } from './checks/rows.ts';
import { checkSnapshots, checkStreams, checkVanished } from './checks/shown.ts';
import type { CheckedDomain, Finding, Run } from './finding.ts';

const checks: readonly ((run: Run) => Iterable<Finding>)[] = [
  checkPositions,
  checkVersions,
  checkChain,
  checkCommands,
  checkOrder,
  checkReads,
  checkVanished,
  checkRows,
];

/**
 * Holds what is stored when a run has ended against what clients did and were told, and says all that is wrong. It needs no server and no file: of what it
 * is given alone.
 */
export function check(run: Run, domain: CheckedDomain): readonly Finding[] {
  return [...checks, told, (run: Run) => checkDomain(run, domain)].flatMap((one) => [...guarded(one(run))]);
}

/** What is so broken that it cannot be gone through is found to be that. */
function* guarded(findings: Iterable<Finding>): Iterable<Finding> {
  try {
    yield* findings;
  } catch (fault) {
    yield { code: 'LOG_UNSOUND', message: (fault as Error).message };
  }
}

const told = ({ history: { faults } }: Run): readonly Finding[] => faults.map((message) => ({ code: 'FAULT_TOLD', message }));

/** What only the domain can say. */
function* checkDomain(run: Run, domain: CheckedDomain): Iterable<Finding> {
  yield* domain.rules(run.stored.events);
  const model = domain.model(run.stored.events);
  yield* checkSnapshots(run, model);
  yield* checkStreams(run, model);
}
