import { limits } from '#base';
import type { Recorded } from '#event';
import type { Query } from '#eventstore';
import type { Delivery, Feed } from './feed.ts';
import type { EventsWanted } from './interests.ts';
import type { Sources } from './rows.ts';

/** The log as a feed. It is its own past, so a slow reader is only read for later: there is no RESYNC. */
export function eventFeed({ hub, log, codec }: Omit<Sources, 'snapshots'>, wanted: EventsWanted): Feed<Recorded> {
  const { types, stream } = wanted;
  const query: Query = types || stream !== undefined ? [{ ...(types && { types }), ...(stream !== undefined && { stream }) }] : 'all';
  return {
    name: JSON.stringify(['events', types ?? null, stream ?? null]),
    position: () => hub.position,
    watch: (take, miss) =>
      hub.watchEvents(wanted, {
        take: (events) => take(events.filter((event) => !types || types.includes(event.type)).map(deliver)),
        miss,
      }),
    begin: async () => ({ deliveries: [], reached: { position: hub.position } }),
    missed: async ({ position: after }, messagesMax) => {
      // Taken before the read: what is made known in between is in the tail, which was joined before, or is read next time.
      const head = hub.position;
      const limit = Math.min(messagesMax, limits.readEventsMax);
      const read = await log.read(query, { after, limit });
      // What is in the log and not made known yet comes in its turn: told now, its reader would be ahead of all other reads.
      const page = read.filter(({ position }) => position <= head);
      const isAll = page.length < limit;
      const last = page.at(-1)?.position ?? after;
      return {
        deliveries: page.map((stored) => deliver(codec.decode(stored))),
        reached: { position: isAll ? Math.max(after, head) : last },
        isAll,
      };
    },
    resync: () => undefined,
  };
}

function deliver(event: Recorded): Delivery<Recorded> {
  const { position } = event;
  return { message: event, position, key: '', reached: { position } };
}
