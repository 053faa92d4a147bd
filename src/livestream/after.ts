import { type Awaitable, andThen, type Position, VarveError } from '#base';
import type { Reached } from '#readtable';
import type { Hub } from './hub.ts';
import type { Sources } from './rows.ts';

/** A stream cannot go on from where the log has not been. Throws `POSITION_AHEAD`. */
export function assertReached(after: Reached | undefined, hub: Hub): void {
  if (after && !hub.hasReached(after.position)) throw ahead(after, hub.position);
}

/** The same, by what the log itself says: what another process committed may not have been made known here yet. At once where it has. */
export function assertInLog(after: Reached | undefined, { hub, log }: Pick<Sources, 'hub' | 'log'>): Awaitable<void> {
  if (!after || after.position <= hub.position) return;
  return andThen(log.position(), (position) => {
    if (after.position > position) throw ahead(after, position);
  });
}

const ahead = (after: Reached, position: Position) =>
  new VarveError({
    code: 'POSITION_AHEAD',
    message: `The log is at position ${position}; a stream cannot go on after ${after.position}.`,
    hint: 'Was this position given by another server, or before a backup was restored? Begin anew, without `after`.',
  });
