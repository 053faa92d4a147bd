import type { Position } from '#base';
import type { EventReader, EventStore } from './port.ts';

/**
 * Forgets the receipts of all commands that ended before a moment: sent again, they would take effect again. A page a transaction, so that whoever writes
 * gets a turn in between; whoever breaks it off, by `isOver` or by a kill, finds the rest forgotten the next time.
 */
export async function forgetReceipts(log: EventStore<unknown>, before: Date, isOver: () => boolean = () => false): Promise<void> {
  const upTo = await lastBefore(log, before);
  if (upTo === 0) return;
  for (let id: string | undefined = ''; id !== undefined && !isOver(); ) {
    const after: string = id;
    id = await log.transaction((transaction) => transaction.forgetReceipts(upTo, after));
  }
}

/** The last position that was recorded before a moment, found by halves; 0 where none was. Where a clock went back, one of those that may be meant. */
async function lastBefore(log: EventReader, moment: Date): Promise<Position> {
  let [low, high] = [0, await log.position()];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const [event] = await log.read('all', { after: middle - 1, limit: 1 });
    if (event && event.recordedAt < moment) low = middle;
    else high = middle - 1;
  }
  return low;
}
