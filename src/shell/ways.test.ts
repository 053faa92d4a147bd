import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { codecOf, dispatcher } from '#command';
import { openWallet, pay, walletDomain } from '../command/wallet.fixture.ts';
import type { DatabasePlace } from './place.ts';
import { describePostgres, newPlace } from './postgres.fixture.ts';
import { rebuildStale } from './rebuild.ts';
import { openDatabaseStore } from './stores.ts';

/** A process that has the log open. */
async function opened(place: DatabasePlace) {
  // The other table's rows are looked for by their values, which nobody foresees.
  const projections = walletDomain.projections.filter(({ table }) => table.name === 'wallets');
  const codec = codecOf(walletDomain);
  const store = await openDatabaseStore(place, { projections });
  await rebuildStale({ store, codec, projections, onRebuild: undefined });
  const own = dispatcher({ ...store, codec, projections });
  onTestFinished(async () => {
    await own.close();
    await store.log.close();
  });
  await own.look();
  return own;
}

/** Notes the statements that this process sends, a list for all that leave together. */
function sentFrom(): string[][] {
  const ways: string[][] = [];
  let way: string[] | undefined;
  const own = pg.Client.prototype.query;
  const noting = function (this: pg.Client, query: { readonly text: string }) {
    if (!way) {
      way = [];
      ways.push(way);
      process.nextTick(() => {
        way = undefined;
      });
    }
    way.push(query.text);
    return Reflect.apply(own, this, [query]);
  };
  Reflect.set(pg.Client.prototype, 'query', noting);
  onTestFinished(() => void Reflect.set(pg.Client.prototype, 'query', own));
  return ways;
}

const wallets = Array.from({ length: 40 }, (_, i) => `w${i}`);

describePostgres('the ways to the database', () => {
  test('of a batch are four at most, however large it is, whatever was looked at before, and whoever has written', async () => {
    const place = newPlace();
    const [one, other] = [await opened(place), await opened(place)];
    await Promise.all(wallets.map((walletId) => one.send(openWallet, { walletId, colour: walletId })));
    // What it has done and what it has looked at is remembered, and moved on by what the other one did.
    await other.send(pay, { walletId: 'w0', coins: 1 });
    await one.look();
    await other.send(pay, { walletId: 'w1', coins: 1 });
    const ways = sentFrom();
    await Promise.all(wallets.map((walletId) => one.send(pay, { walletId, coins: 1 })));
    // The lock with all that is asked; the rows that the other one's commit changed; the rows of the batch, and its events; what became of the rows, and the commit.
    expect(ways.length, JSON.stringify(ways, undefined, 1)).toBeLessThanOrEqual(4);
    expect(ways.filter((way) => way.some((text) => text.endsWith('FOR UPDATE')))).toHaveLength(1);
    expect(ways.flat().filter((text) => /INSERT INTO \S+\.events/.test(text))).toHaveLength(1);
    expect(ways.at(-1)?.slice(-2)).toEqual(['COMMIT', expect.stringContaining('pg_notify')]);
  });

  test('of a look are two, and nothing of it is sent when it is over, also where it is given up', async () => {
    const place = newPlace();
    const [one, other] = [await opened(place), await opened(place)];
    await one.send(openWallet, { walletId: 'a', colour: 'red' });
    const ways = sentFrom();
    await other.look();
    expect(ways.map((way) => way.some((text) => text === 'COMMIT'))).toEqual([false, false, true]);
    // More than is taken in.
    for (let i = 0; i < 3; i++) await one.send(pay, { walletId: 'a', coins: 1, times: 900 });
    ways.length = 0;
    await other.look();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ways.at(-1)).toEqual(['COMMIT']);
  });
});
