import { ChainWalk } from '#eventstore';
import type { Finding, Run } from '../finding.ts';

/** Positions are contiguous from 1, whatever the events are. */
export function* checkPositions({ stored: { events } }: Run): Iterable<Finding> {
  for (const [i, { position }] of events.entries())
    if (position !== i + 1) {
      yield { code: 'POSITION_GAP', message: `Event ${i + 1} of the log has position ${position}.` };
      return;
    }
}

/** Versions are contiguous from 1 in each stream, in the order of positions. */
export function* checkVersions({ stored: { events } }: Run): Iterable<Finding> {
  const last = new Map<string, number>();
  for (const { stream, version, position } of events) {
    const before = last.get(stream) ?? 0;
    last.set(stream, version);
    if (version !== before + 1)
      yield { code: 'VERSION_GAP', message: `${stream} goes from version ${before} to ${version} at position ${position}.` };
  }
}

/** Each event has an id of its own, and the hash that goes with what it says and with the event before it. */
export function* checkChain({ stored: { events } }: Run): Iterable<Finding> {
  const walk = new ChainWalk();
  const ids = new Map<string, number>();
  for (const event of events) {
    const broken = walk.next(event);
    if (broken) yield { code: 'CHAIN_BROKEN', message: `At position ${broken.position}: ${broken.why}.` };
    const other = ids.get(event.eventId);
    if (other !== undefined)
      yield { code: 'EVENT_TWICE', message: `The events at positions ${other} and ${event.position} have the id ${event.eventId}.` };
    ids.set(event.eventId, event.position);
  }
}
