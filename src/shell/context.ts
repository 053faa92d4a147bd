import { liveEvents, liveRows } from '#livestream';
import { Reads, type SchemaContext } from '#schema';
import type { Engine } from './open.ts';

/** Makes the context of each operation: the same for every transport. */
export function contextOf({ send, log, codec, hub, snapshots }: Engine): () => SchemaContext {
  return () => ({
    send,
    reads: new Reads(snapshots),
    log,
    live: {
      rows: (filter, start) => liveRows({ hub, snapshots }, filter, start),
      events: (filter) => liveEvents({ hub, log, codec }, filter),
    },
  });
}
