import { andThen, type Position } from '#base';
import type { EventStore } from '#eventstore';
import { assertInLog, liveEvents, liveRows } from '#livestream';
import { Reads, type SchemaContext } from '#schema';
import type { Carrier } from '#server';
import type { Engine } from './open.ts';
import type { EngineLog } from './reading.ts';

/** What an API stands on, whatever keeps it: of an {@link Engine}, what answers. */
export interface ApiParts extends Pick<Engine, 'send' | 'codec' | 'hub' | 'snapshots' | 'position'>, Partial<Pick<Engine, 'reactions'>> {
  readonly log: Pick<EventStore, 'kind' | 'read' | 'position'> & Pick<EngineLog, 'walBytes' | 'parts'>;
}

/** Makes the context of each operation: the same for every transport. */
export function contextOf({ send, log, codec, hub, snapshots }: ApiParts): (carrier: Carrier, atLeast?: Position) => SchemaContext {
  const sources = { hub, snapshots, log, codec };
  return ({ reached }, atLeast) => ({
    send,
    reads: new Reads(snapshots, atLeast),
    accepted: new Map(),
    log,
    live: {
      rows: (wanted, start) => andThen(assertInLog(start.after, sources), () => liveRows(sources, wanted, start)),
      events: (wanted, after) => andThen(assertInLog(after, sources), () => liveEvents(sources, wanted, after)),
      ...(reached && { reached }),
    },
  });
}
