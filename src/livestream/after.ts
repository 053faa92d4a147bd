import { type Position, VarveError } from '#base';
import type { Reached } from '#readtable';

/** A stream cannot go on from where the log has not been. Throws `POSITION_AHEAD`. */
export function assertReached(after: Reached | undefined, position: Position): void {
  if (!after || after.position <= position) return;
  throw new VarveError({
    code: 'POSITION_AHEAD',
    message: `The log is at position ${position}; a stream cannot go on after ${after.position}.`,
    hint: 'Was this position given by another server, or before a backup was restored? Begin anew, without `after`.',
  });
}
