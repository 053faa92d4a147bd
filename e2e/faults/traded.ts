import { shop } from '#shop';
import { open } from '#varve';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import type { History } from './history.ts';
import { reachIn } from './inprocess.ts';
import { Recorder, Session } from './recorder.ts';
import { openShop, trade } from './trading.ts';

/** Trades in a data folder, in this process, and leaves it with nobody who holds it; answers what was sent and told. */
export async function tradedIn(folder: string, sendings: number, seed = 20261130): Promise<History> {
  const chance = numbersFrom(seed);
  const recorder = new Recorder();
  const engine = await open(shop, folder);
  const reach = reachIn(() => engine, recorder);
  await openShop(new Session('opening', recorder, reach));
  const isOver = () => recorder.sent >= sendings;
  await Promise.all(Array.from({ length: 8 }, (_, i) => trade({ session: new Session(`t${i}`, recorder, reach), chance, isOver })));
  await engine.close();
  return recorder.history();
}
