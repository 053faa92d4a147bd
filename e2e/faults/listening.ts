import { pause } from '../load.ts';
import type { ShopStream } from '../streams/streams.ts';
import { type Chance, Subscriber } from '../streams/subscriber.ts';
import type { Heard, Tick } from './history.ts';
import type { Recorder } from './recorder.ts';

/** What a stream is listened to by. */
export interface Listening {
  readonly recorder: Recorder;
  readonly chance: Chance;
  /** Where a server is; undefined while there is none. */
  readonly url: () => string | undefined;
  readonly isOver: () => boolean;
  /** A server may not know yet what another one has answered, and events begin where it knows the log to be. */
  readonly mayLag?: boolean;
}

/** Listens, and connects again whenever it was cut off, and now and then without a reason; answers what was told. */
export async function listen(stream: ShopStream, { recorder, chance, url, isOver, mayLag = false }: Listening): Promise<Heard> {
  const subscriber = new Subscriber(stream);
  const seen: { at: Tick; position: number }[] = [];
  while (!isOver()) {
    const to = url();
    const isNew = subscriber.readings.length === 0;
    // One that was told nothing begins once more.
    const begins = subscriber.position === 0 && stream.rowsMax === 0;
    const position = mayLag && begins ? 0 : recorder.position;
    if (to !== undefined && (!subscriber.isConnected || chance(30) === 0))
      subscriber.connect({ url: to, chance, position }, isNew ? 'anew' : 'on');
    await pause(20 + chance(80));
    const last = subscriber.readings.at(-1)?.told.findLast((one) => 'said' in one);
    if (last && 'said' in last) seen.push({ at: recorder.tick(), position: last.said.position });
  }
  subscriber.cut();
  for (const fault of subscriber.faults) recorder.fault(String(fault));
  return { stream: stream.name, readings: subscriber.readings, seen };
}
