import { limits, type Position } from '#base';
import type { EventCodec, Recorded } from '#event';
import type { EventReader, Query } from '#eventstore';
import { assertReached } from './after.ts';
import type { Hub } from './hub.ts';
import { stoppable } from './stream.ts';

/** Which events a stream of the log gives. */
export interface EventFilter {
  /** Every event after this position; left out: from now on. */
  readonly after?: Position;
  readonly types?: readonly string[];
  readonly stream?: string;
}

/** Where a stream of the log reads. */
export interface EventSources {
  readonly hub: Hub;
  readonly log: EventReader;
  readonly codec: EventCodec;
}

/** The log, live: every event after a position, once, in order. The log is its buffer, so a slow reader is only read for later. */
export function liveEvents(
  { hub, log, codec }: EventSources,
  { after, types, stream }: EventFilter,
): AsyncGenerator<Recorded, void, undefined> {
  const query: Query = types || stream !== undefined ? [{ ...(types && { types }), ...(stream !== undefined && { stream }) }] : 'all';
  const start = after ?? hub.position;
  return stoppable(async function* (signal) {
    assertReached(start, hub.position);
    for (let at = start; !signal.aborted && !hub.closed; ) {
      // Taken before the read: what is committed in between is read next time.
      const head = hub.position;
      const page = await log.read(query, { after: at });
      for (const stored of page) {
        at = stored.position;
        yield codec.decode(stored);
      }
      if (page.length < limits.readEventsMax) at = Math.max(at, head);
      await hub.past(at, signal);
    }
  });
}
