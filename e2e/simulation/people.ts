import type { Position } from '#base';
import { type Answer, nothingStored, type Tick } from '../faults/history.ts';
import type { Session } from '../faults/recorder.ts';
import { days, openingWishes, skus, type Wish } from '../faults/wishes.ts';
import { eventsStream, rowStream, rowsStream, type ShopStream } from '../streams/streams.ts';
import type { Beginning, Subscriber } from '../streams/subscriber.ts';
import { type Clients, url } from './clients.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';

/** What those who use a server have at hand. */
export interface Places {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly clients: Clients;
}

/** Sends a command until its outcome is known. */
async function settle({ scheduler }: Places, session: Session, wish: Wish, commandId: string): Promise<Answer> {
  for (;;) {
    const answer = await session.send(wish, commandId);
    if (answer && answer.is !== 'unknown' && !('why' in answer && nothingStored.has(answer.why))) return answer;
    await scheduler.pause(20, 'asks again what became of it');
  }
}

/** Adds the products. */
export async function openShop(places: Places): Promise<void> {
  const session = places.clients.session('opening');
  for (const [i, wish] of openingWishes.entries()) await settle(places, session, wish, `opening-${i}`);
}

/** What nobody was told the outcome of, is asked for again until somebody is. */
export async function settleAll(places: Places): Promise<void> {
  const { sendings } = places.clients.recorder.history();
  const known = new Set(sendings.filter(({ answer }) => answer.is !== 'unknown').map(({ commandId }) => commandId));
  const open = new Map(sendings.filter(({ commandId }) => !known.has(commandId)).map((sending) => [sending.commandId, sending]));
  await Promise.all(
    [...open.values()].map(({ wish, session, commandId, ...rest }) => {
      const [command, input] = JSON.parse(wish) as [string, Wish['input']];
      return settle(places, places.clients.session(session), { command, input, ...rest }, commandId);
    }),
  );
}

const beginnings: readonly Beginning[] = ['on', 'on', 'on', 'earlier', 'anew'];

/** Who follows a live stream, and how far it had been told by when. */
export interface Follower {
  readonly subscriber: Subscriber;
  readonly seen: { readonly at: Tick; readonly position: Position }[];
}

/** Follows a live stream until it is calm: reads, stalls, is cut off, comes back, over one transport or the other. */
export async function roam({ subscriber, seen }: Follower, places: Places, isCalm: () => boolean): Promise<void> {
  const { scheduler, clients } = places;
  while (!isCalm()) {
    if (!subscriber.isConnected || scheduler.oneIn(3)) connect(subscriber, places, scheduler.any(beginnings));
    await scheduler.pause(scheduler.chance(40), 'a reader reads');
    const last = subscriber.readings.at(-1)?.told.findLast((one) => 'said' in one);
    if (last && 'said' in last) seen.push({ at: clients.recorder.tick(), position: last.said.position });
    if (!scheduler.oneIn(3)) continue;
    subscriber.stall();
    await scheduler.pause(scheduler.chance(80), 'a reader stalls');
    subscriber.go();
  }
}

/** Connects a subscriber, by what is known. */
export function connect(subscriber: Subscriber, { scheduler, network, clients }: Places, beginning: Beginning): void {
  const { position } = clients.recorder;
  subscriber.connect({ url, dial: () => network.dial(), chance: scheduler.chance, position }, beginning);
}

/** Live streams that are listened to, by chance; some by several. */
export function streamsFor(scheduler: Scheduler, count: number): readonly ShopStream[] {
  const isOpen = (rowsMax: number) =>
    rowsStream('orders', rowsMax, { status: ['OPEN', 'PAID'] }, ({ status }) => status === 'OPEN' || status === 'PAID');
  const ofUser = (userId: string, rowsMax: number) => rowsStream('orders', rowsMax, { userId }, (row) => row['userId'] === userId);
  const makers: readonly (() => ShopStream)[] = [
    () => eventsStream(),
    () => eventsStream(['UsernameChanged', 'OrderPaid']),
    () => rowStream('orders', 't0-1'),
    () => isOpen(scheduler.any([0, 3])),
    () => ofUser(scheduler.any(['t0', 't1']), scheduler.any([0, 200])),
    () => rowsStream('orders', 2),
    () => rowStream('products', scheduler.any(skus)),
    () => rowsStream('products', 200),
    () => rowsStream('dailySales', 200),
    () => rowStream('dailySales', scheduler.any(days)),
  ];
  return Array.from({ length: count }, () => scheduler.any(makers)());
}
