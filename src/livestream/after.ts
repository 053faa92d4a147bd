import { VarveError } from '#base';
import type { Reached } from '#readtable';
import type { Hub } from './hub.ts';

/** A stream cannot go on from where the log has not been. Throws `POSITION_AHEAD`. */
export function assertReached(after: Reached | undefined, hub: Hub): void {
  if (!after || hub.hasReached(after.position)) return;
  throw new VarveError({
    code: 'POSITION_AHEAD',
    message: `The log is at position ${hub.position}; a stream cannot go on after ${after.position}.`,
    hint: 'Was this position given by another server, or before a backup was restored? Begin anew, without `after`.',
  });
}
