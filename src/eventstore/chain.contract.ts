import { expect, test } from 'vitest';
import { ChainWalk } from './chain.ts';
import { newEvent } from './events.fixture.ts';
import type { ChainedEvent, EventStore } from './port.ts';

/** What the chain of hashes must do, whatever the log stands on. */
export function describeChain(open: () => Promise<EventStore<unknown>>): void {
  const all = async (store: EventStore<unknown>, after?: number) => {
    const found: ChainedEvent[] = [];
    for await (const page of store.chain(after)) found.push(...page);
    return found;
  };

  test('an empty log has a head without a hash', async () => {
    const store = await open();
    expect([await store.head(), await all(store)]).toEqual([{ position: 0, hash: null }, []]);
  });

  test('links every event to the one before it, with all its tags', async () => {
    const store = await open();
    await store.append([newEvent('a-1', { tags: ['z:1', 'é:1', 'a:1'], data: '{"a":1,"b":"☃"}' }), newEvent('b-1')]);
    await store.append([newEvent('a-1', { tags: ['x:1'] })]);
    const events = await all(store);
    expect(events.map(({ position, tags }) => [position, tags])).toEqual([
      [1, ['a:1', 'z:1', 'é:1']],
      [2, []],
      [3, ['x:1']],
    ]);
    const walk = new ChainWalk();
    expect(events.map((event) => walk.next(event))).toEqual([undefined, undefined, undefined]);
    expect(await store.head()).toEqual(walk.head);
    expect(await all(store, 1)).toEqual(events.slice(1));
  });

  test('goes on from what was committed, after an append that was undone', async () => {
    const store = await open();
    await store.append([newEvent('a-1')]);
    const head = await store.head();
    const failing = store.transaction(async (transaction) => {
      await transaction.append([newEvent('a-1')]);
      expect(await transaction.head()).not.toEqual(head);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.head()).toEqual(head);
    await store.append([newEvent('a-1')]);
    const walk = new ChainWalk();
    expect((await all(store)).map((event) => walk.next(event))).toEqual([undefined, undefined]);
  });
}
