import { expect, test } from 'vitest';
import { limits } from '#base';
import { newEvent } from './events.fixture.ts';
import { type EventStore, forgottenId } from './port.ts';

/** What every event store must do with receipts. */
export function describeReceipts(open: () => Promise<EventStore<unknown>>): void {
  const receipt = { commandId: 'c', inputHash: 'h', outcome: '{"stream":"a-1","version":1}', position: 1 };

  test('comes back as it was kept', async () => {
    const store = await open();
    await store.transaction(async (transaction) => {
      await transaction.append([newEvent('a-1')]);
      await transaction.keepReceipt(receipt);
      expect(await transaction.receipt('c')).toEqual(receipt);
    });
    expect([await store.receipt('c'), await store.receipt('d')]).toEqual([receipt, undefined]);
  });

  test('is kept once', async () => {
    const store = await open();
    await store.transaction((transaction) => transaction.keepReceipt({ ...receipt, position: 0 }));
    await expect(store.transaction((transaction) => transaction.keepReceipt(receipt))).rejects.toThrow();
  });

  /** A store with so many receipts, a position each, by ids that have another order than their positions. */
  const withReceipts = async (count: number) => {
    const store = await open();
    const metadataAt = (position: number) => ({ commandId: idAt(position), correlationId: 'talk', causationId: null, actor: null });
    await store.append(Array.from({ length: count }, (_, i) => newEvent('a-1', { metadata: metadataAt(i + 1) })));
    await store.transaction(async (transaction) => {
      for (let position = 1; position <= count; position++)
        await transaction.keepReceipt({ ...receipt, commandId: idAt(position), position });
    });
    return store;
  };
  const idAt = (position: number) => `${(position * 7) % 10}-${position}`;
  const kept = async (store: EventStore<unknown>, count: number) => {
    const found = await Promise.all(Array.from({ length: count }, (_, i) => store.receipt(idAt(i + 1))));
    return found.flatMap((one) => (one ? [one.position] : []));
  };

  test('of an old command is forgotten, with all before it, and the log says up to where', async () => {
    const store = await withReceipts(9);
    expect(await store.receipt(forgottenId)).toBeUndefined();
    const last = await store.transaction((transaction) => transaction.forgetReceipts(6, ''));
    expect(await store.transaction((transaction) => transaction.forgetReceipts(6, last ?? ''))).toBeUndefined();
    expect([await kept(store, 9), await store.receipt(forgottenId)]).toEqual([[7, 8, 9], expect.objectContaining({ position: 6 })]);
    // It was forgotten further already.
    await store.transaction((transaction) => transaction.forgetReceipts(2, ''));
    expect(await store.receipt(forgottenId)).toMatchObject({ position: 6 });
  });

  test('of a command that left no event is forgotten only with an event after it: when it ended, nothing says', async () => {
    const store = await withReceipts(3);
    await store.transaction((transaction) => transaction.keepReceipt({ ...receipt, commandId: 'idle', position: 2 }));
    await store.transaction((transaction) => transaction.forgetReceipts(2, ''));
    expect([await kept(store, 3), (await store.receipt('idle'))?.position]).toEqual([[3], 2]);
    await store.transaction((transaction) => transaction.forgetReceipts(3, ''));
    expect([await kept(store, 3), await store.receipt('idle')]).toEqual([[], undefined]);
  });

  test('is forgotten some at a time, and not where the transaction fails', async () => {
    const count = limits.receiptsForgottenMax + 5;
    const store = await withReceipts(count);
    const forget = (upTo: number, afterId: string, fault?: Error) =>
      store.transaction(async (transaction) => {
        const last = await transaction.forgetReceipts(upTo, afterId);
        if (fault) throw fault;
        return last;
      });
    const fault = new Error('no');
    await expect(forget(count, '', fault)).rejects.toBe(fault);
    expect([(await kept(store, count)).length, await store.receipt(forgottenId)]).toEqual([count, undefined]);
    const last = await forget(count, '');
    expect(last).toBeTypeOf('string');
    expect(await kept(store, count)).toHaveLength(5);
    await forget(count, last ?? '');
    expect(await kept(store, count)).toEqual([]);
  });
}
