import { expect, test } from 'vitest';
import { limits } from '#base';
import { openMemoryEngine } from '#command';
import type { Commit } from '#projector';
import { openWallet, pay, walletDomain, wallets } from '../command/wallet.fixture.ts';
import { asTested } from '../readtable/late.fixture.ts';
import { Backlog } from './backlog.ts';
import { Hub } from './hub.ts';
import { liveEvents, liveRows } from './livestream.ts';
import { rowFeed } from './rows.ts';
import { openWorld, rest, take } from './world.fixture.ts';

/** A log whose commits are made known when they are released, as those of a writer in another thread are: later than they are made. */
async function openLagging() {
  const held: Commit[] = [];
  const engine = openMemoryEngine(walletDomain, { onCommit: (commit) => held.push(commit) });
  const hub = new Hub(0, () => Number(engine.log.position()));
  const release = () => {
    for (const commit of held.splice(0)) hub.publish(commit);
  };
  await engine.send(openWallet, { walletId: 'a', colour: 'red' });
  release();
  return { engine, hub, release, sources: { hub, snapshots: asTested(engine.snapshots), log: engine.log, codec: engine.codec } };
}

test('a stream of events says nothing that is not made known yet, and misses nothing of it', async () => {
  const { engine, release, sources } = await openLagging();
  await engine.send(pay, { walletId: 'a', coins: 1 });
  const stream = liveEvents(sources, {}, { position: 0 })[Symbol.asyncIterator]();
  expect((await take(stream, 1)).map((event) => event.position)).toEqual([1]);
  let isTold = false;
  const next = stream.next().then((result) => {
    isTold = true;
    return result.value;
  });
  await rest();
  expect(isTold).toBe(false);
  release();
  expect(await next).toMatchObject({ position: 2, type: 'Paid' });
  await engine.send(pay, { walletId: 'a', coins: 1 });
  release();
  expect((await take(stream, 1)).map((event) => event.position)).toEqual([3]);
  await stream.return();
});

test('a stream of rows goes on after a place that its snapshot has not come to, and says nothing twice', async () => {
  const { engine, release, sources } = await openLagging();
  const before = await engine.snapshots.take();
  await engine.send(pay, { walletId: 'a', coins: 1 });
  // Somebody holds the moment before, and it is shared.
  const snapshots = { take: async () => ({ ...shared(before), release: () => {} }), close: () => {} };
  const stream = liveRows(
    { ...sources, snapshots },
    { table: wallets, key: 'a', conditions: [] },
    { after: { position: 2 }, snapshotRowsMax: 0 },
  )[Symbol.asyncIterator]();
  const next = stream.next();
  await rest();
  release();
  await rest();
  await engine.send(pay, { walletId: 'a', coins: 2 });
  release();
  expect((await next).value).toMatchObject({ kind: 'CHANGED', position: 3, row: { coins: 3 } });
  await stream.return();
});

type Taken = Awaited<ReturnType<Awaited<ReturnType<typeof openLagging>>['engine']['snapshots']['take']>>;
const shared = (snapshot: Taken): Taken => ({
  position: snapshot.position,
  row: (...asked) => snapshot.row(...asked),
  rows: (...asked) => snapshot.rows(...asked),
  page: (...asked) => snapshot.page(...asked),
  count: (...asked) => snapshot.count(...asked),
  changes: (...asked) => snapshot.changes(...asked),
  release: () => snapshot.release(),
});

test('readers that catch up read one page a turn, all of them together', async () => {
  const backlog = new Backlog();
  const read: number[] = [];
  let turn = 0;
  const readers = Array.from({ length: 5 }, async () => {
    for (let page = 0; page < 3; page += 1) {
      await backlog.turnToRead();
      read.push(turn);
    }
  });
  for (let i = 0; i < 40; i += 1) {
    await new Promise(setImmediate);
    turn += 1;
  }
  await Promise.all(readers);
  expect(read).toHaveLength(15);
  expect(new Set(read).size).toBe(15);
});

test('what is missed is read from the journal so many changes at a time, whatever is asked for', async () => {
  const { sources, ...world } = openWorld();
  await world.open('a');
  await world.pay('a', 1, limits.journalPageChangesMax + 1);
  const feed = rowFeed(sources, { table: wallets, conditions: [] });
  const page = await feed.missed({ position: 1 }, 10 * limits.journalPageChangesMax);
  expect([page?.deliveries.length, page?.isAll]).toEqual([limits.journalPageChangesMax, false]);
  const rest = await feed.missed(page?.reached ?? { position: 0 }, 10);
  expect([rest?.deliveries.length, rest?.isAll]).toEqual([1, true]);
});
