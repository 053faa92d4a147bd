import { expect, test } from 'vitest';
import { newEvent } from './events.fixture.ts';
import type { EventStore } from './port.ts';

/** What every event store must do for who only reads, in its turn among those who write. */
export function describeReading(open: () => Promise<EventStore<unknown>>): void {
  test('has its turn: after the transactions before it, and before those after it', async () => {
    const store = await open();
    const seen: number[] = [];
    const append = () => store.append([newEvent('a-1', { tags: ['x:1'] })]);
    const look = () =>
      store.reading(async (moment) => {
        seen.push(await moment.position());
        await new Promise(setImmediate);
        seen.push((await moment.read([{ tags: ['x:1'] }])).length, await moment.version('a-1'), (await moment.head()).position);
      });
    await Promise.all([append(), look(), append(), append(), look()]);
    expect(seen).toEqual([1, 1, 1, 1, 3, 3, 3, 3]);
  });

  test('answers what its work answers, and throws what it throws; the next one has its turn all the same', async () => {
    const store = await open();
    const fault = new Error('no');
    await expect(store.reading(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(await store.reading(async (moment) => (await moment.position()) + 1)).toBe(1);
    expect(await store.append([newEvent('a-1')])).toHaveLength(1);
  });
}

/** What every event store must do that reads at once what a batch is going to ask for. */
export function describeExpecting(open: () => Promise<EventStore<unknown>>): void {
  test('changes no answer: of what is there, of what is not, and of what comes in the transaction', async () => {
    const store = await open();
    const receipt = { commandId: 'c', inputHash: 'h', outcome: '{}', position: 1 };
    await store.transaction(async (transaction) => {
      await transaction.append([newEvent('a-1', { tags: ['x:1', 'y:1'] }), newEvent('a-1')]);
      await transaction.keepReceipt(receipt);
    });
    const items = [{ stream: 'a-1' }, { stream: 'a-2' }, { tags: ['x:1'] }];
    await store.transaction(async (transaction) => {
      const read = async (of: typeof items) => (await transaction.readTagged(of)).map(({ event, tags }) => [event.position, ...tags]);
      await transaction.expect?.({ commandIds: ['c', 'd', 'e'], items });
      expect([await transaction.receipt('c'), await transaction.receipt('d'), await transaction.receipt('f')]).toEqual([
        receipt,
        undefined,
        undefined,
      ]);
      expect([await transaction.version('a-1'), await transaction.version('a-2'), await transaction.version('a-3')]).toEqual([2, 0, 0]);
      expect([await read(items), await read(items.slice(1)), await read(items.slice(0, 1))]).toEqual([
        [[1, 'x:1'], [2]],
        [[1, 'x:1']],
        [[1], [2]],
      ]);
      await transaction.append([newEvent('a-1'), newEvent('a-2'), newEvent('a-3', { tags: ['x:1'] })]);
      expect([await read(items), await read(items.slice(0, 1))]).toEqual([
        [[1, 'x:1'], [2], [3], [4], [5, 'x:1']],
        [[1], [2], [3]],
      ]);
      await transaction.keepReceipt({ ...receipt, commandId: 'd' });
      await transaction.expect?.({ commandIds: ['d'], items: [] });
      expect(await transaction.receipt('d')).toEqual({ ...receipt, commandId: 'd' });
      expect([await transaction.version('a-1'), await transaction.version('a-2'), await transaction.version('a-3')]).toEqual([3, 1, 1]);
    });
    expect([await store.receipt('d'), await store.version('a-1'), await store.position()]).toEqual([{ ...receipt, commandId: 'd' }, 3, 5]);
  });
}
