import { CommanderError } from 'commander';
import { VarveError } from '#base';
import { faultText } from './fault.ts';

/** Faults of how a command was called, not of what it found. */
const wrongUse: ReadonlySet<string> = new Set(['BAD_CONFIGURATION', 'CANNOT_READ_FILE', 'FILE_EXISTS']);

/** The exit code for what a command threw, for scripts: 0 all is well, 1 what it found is not, 2 it was called wrongly. */
export function exitCodeOf(fault: unknown): number {
  // Commander has said what it is about, or printed the help.
  if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
  if (!(fault instanceof VarveError)) return 1;
  // Whoever told it to stop while it started wants no failure of it.
  if (fault.code === 'STOPPED') return 0;
  return wrongUse.has(fault.code) ? 2 : 1;
}

/** What is said of it on standard error; undefined where it was said already. */
export function saidOf(fault: unknown, json: boolean): string | undefined {
  if (fault instanceof CommanderError) return undefined;
  if (!json || !(fault instanceof VarveError)) return faultText(fault);
  const { code, message, hint } = fault;
  return JSON.stringify({ code, message, hint });
}
