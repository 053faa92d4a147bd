import { limits } from '#base';
import type { EventCodec } from '#event';
import type { LogStore } from './stores.ts';

/**
 * Holds the log against the events that the application knows: every type and version that stands in it, and the data of
 * the newest events. Throws `EVENT_UNKNOWN`; the log is only read.
 */
export async function checkEvents<Connection>({ log }: LogStore<Connection>, codec: EventCodec): Promise<void> {
  for (const stored of await log.firstOfEachShape()) codec.decode(stored);
  const last = await log.position();
  for (let after = Math.max(0, last - limits.startCheckEventsMax); after < last; ) {
    const page = await log.read('all', { after });
    for (const stored of page) codec.decode(stored);
    after = page.at(-1)?.position ?? last;
  }
}
