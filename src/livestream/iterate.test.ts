import { expect, test } from 'vitest';
import { wallets } from '../command/wallet.fixture.ts';
import { liveRows } from './livestream.ts';
import { openWorld, rest, short } from './world.fixture.ts';

const openStream = async () => {
  const world = openWorld();
  await world.open('a');
  const wanted = { table: wallets, key: 'a', conditions: [] };
  return { world, stream: liveRows(world.sources, wanted, { snapshotRowsMax: 0 })[Symbol.asyncIterator]() };
};

test('whoever asks for several messages at once is given one for each, in order', async () => {
  const { world, stream } = await openStream();
  const asked = [stream.next(), stream.next(), stream.next()];
  await world.pay('a', 1, 3);
  expect((await Promise.all(asked)).map(({ value }) => value && short(value))).toEqual([
    ['SNAPSHOT', 1, 'a', 0],
    ['CHANGED', 2, 'a', 1],
    ['CHANGED', 3, 'a', 2],
  ]);
  await rest();
  expect(short((await stream.next()).value ?? expect.fail())).toEqual(['CHANGED', 4, 'a', 3]);
});

test('all who wait when it is stopped are told that it is over', async () => {
  const { world, stream } = await openStream();
  await stream.next();
  const asked = [stream.next(), stream.next()];
  await rest();
  await stream.return();
  expect(await Promise.all(asked)).toEqual([0, 1].map(() => ({ done: true, value: undefined })));
  expect(world.hub.watching).toBe(0);
});

test('a fault is told to one of those who wait; to the others it is over', async () => {
  const { world } = await openStream();
  const snapshots = { take: () => Promise.reject(new Error('no disk')), close: () => {} };
  const stream = liveRows({ ...world.sources, snapshots }, { table: wallets, conditions: [] }, { snapshotRowsMax: 1 })[
    Symbol.asyncIterator
  ]();
  const asked = await Promise.allSettled([stream.next(), stream.next()]);
  expect(asked).toEqual([
    { status: 'rejected', reason: new Error('no disk') },
    { status: 'fulfilled', value: { done: true, value: undefined } },
  ]);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});
