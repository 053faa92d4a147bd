import { VarveError } from '#base';

/** What an operator reads of a fault: what is wrong and what to do. A stack only where the fault is ours. */
export function faultText(fault: unknown): string {
  if (fault instanceof VarveError && fault.code !== 'BUG') return `varve: ${fault.message}\n${fault.hint}\n(${fault.code})`;
  return fault instanceof Error ? `varve: ${fault.stack ?? fault.message}` : `varve: ${String(fault)}`;
}
