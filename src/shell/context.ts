import { liveEvents, liveRows } from '#livestream';
import { Reads, type SchemaContext } from '#schema';
import type { Carrier } from '#server';
import type { Engine } from './open.ts';

/** Makes the context of each operation: the same for every transport. */
export function contextOf({ send, log, codec, hub, snapshots }: Engine): (carrier: Carrier) => SchemaContext {
  const sources = { hub, snapshots, log, codec };
  return ({ reached }) => ({
    send,
    reads: new Reads(snapshots),
    log,
    live: {
      rows: (wanted, start) => liveRows(sources, wanted, start),
      events: (wanted, after) => liveEvents(sources, wanted, after),
      ...(reached && { reached }),
    },
  });
}
