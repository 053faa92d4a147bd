import { pause } from '../load.ts';
import type { Chance } from '../streams/subscriber.ts';
import { type Answer, nothingStored } from './history.ts';
import type { Session } from './recorder.ts';
import { openingWishes, Trader, type Wish } from './wishes.ts';

/** What a trader needs. */
export interface Trading {
  readonly session: Session;
  readonly chance: Chance;
  /** True where nothing more is to be begun. */
  readonly isOver: () => boolean;
  /** Waits where nobody answers; left out: 10 ms. */
  readonly wait?: () => Promise<void>;
}

/** Adds the products; a client that gave up asks again. */
export async function openShop(session: Session): Promise<void> {
  for (const [i, wish] of openingWishes.entries()) while ((await session.send(wish, `opening-${i}`))?.is !== 'accepted') await pause(1);
}

/**
 * Trades at random until it is over. Whatever was not answered is sent again with its id, mostly; some of what was, too. Some commands are sent many at once,
 * and some wishes of others are sent under an id that is in use.
 */
export async function trade(trading: Trading): Promise<void> {
  const { session, chance, isOver } = trading;
  const trader = new Trader(session.name, chance);
  await untilKnown(trading, trader.registering(), `${session.name}-0`);
  for (let count = 1; !isOver(); count++) {
    const commandId = `${session.name}-${count}`;
    const wish = trader.next();
    const answer = chance(16) === 0 ? await crowd(trading, wish, commandId) : await session.send(wish, commandId);
    if (!answer || answer.is === 'unknown' || isPassing(answer)) {
      // Some are never asked for again.
      if (chance(8) > 0) await untilKnown(trading, wish, commandId);
    } else if (chance(12) === 0) await session.send(wish, commandId);
    else if (chance(40) === 0) await session.send(trader.next(), commandId);
    if (chance(6) > 0) continue;
    const position = await session.look([trader.orderId(), trader.orderId()]);
    if (chance(3) === 0) await session.look([trader.orderId()], position);
  }
}

async function untilKnown({ session, isOver, wait = () => pause(10) }: Trading, wish: Wish, commandId: string): Promise<void> {
  while (!isOver()) {
    const answer = await session.send(wish, commandId);
    if (answer && answer.is !== 'unknown' && !isPassing(answer)) return;
    await wait();
  }
}

/** Nothing of it was stored, and sent again it may well be accepted. */
const isPassing = (answer: Answer) => answer.is === 'refused' && nothingStored.has(answer.why);

/** The same command from several at once; answers the first's answer. */
async function crowd({ session, chance }: Trading, wish: Wish, commandId: string): Promise<Answer | undefined> {
  const count = chance(4) === 0 ? 10 : 2;
  const [first] = await Promise.all(Array.from({ length: count }, () => session.send(wish, commandId)));
  return first;
}
