import { type Position, VarveError } from '#base';
import type { EventReader } from '#eventstore';
import type { Reached } from '#readtable';
import type { Hub } from './hub.ts';

/** A stream cannot go on from where the log has not been. Throws `POSITION_AHEAD`. */
export function assertReached(after: Reached | undefined, hub: Hub): void {
  if (after && !hub.hasReached(after.position)) throw ahead(after, hub.position);
}

/** The same, by what the log itself says: what another process committed may not have been made known here. */
export async function assertInLog(
  { hub, log }: { readonly hub: Hub; readonly log: Pick<EventReader, 'position'> },
  after: Reached,
): Promise<void> {
  if (after.position <= hub.position) return;
  const position = await log.position();
  if (after.position > position) throw ahead(after, position);
}

const ahead = (after: Reached, position: Position) =>
  new VarveError({
    code: 'POSITION_AHEAD',
    message: `The log is at position ${position}; a stream cannot go on after ${after.position}.`,
    hint: 'Was this position given by another server, or before a backup was restored? Begin anew, without `after`.',
  });
