import { expect, test } from 'vitest';
import { openMemoryStore } from '#eventstore';
import { memoryJournal, memoryRows } from '#readtable';
import { Deciding, DecidingWatch, decidingMemory } from './deciding.ts';
import { dispatcher } from './dispatcher.ts';
import { codecOf } from './memory.ts';
import { openWallet, walletDomain } from './wallet.fixture.ts';

test('a command that the store would not have, and that was told so, is not taken for one that stands still', async () => {
  const memory = decidingMemory();
  const deciding = new Deciding(memory);
  const log = openMemoryStore();
  const failing: typeof log = {
    ...log,
    transaction: (work) =>
      log.transaction((own) =>
        work({
          ...own,
          keepReceipt: () => {
            throw new Error('the disk is gone');
          },
        }),
      ),
  };
  const parts = { log: failing, rows: memoryRows(), journal: memoryJournal(), projections: [], codec: codecOf(walletDomain) };
  const writer = dispatcher({ ...parts, deciding });
  const sent = deciding.sending(7, () => writer.send(openWallet, { walletId: 'a', colour: 'red' }));
  await expect(sent).rejects.toMatchObject({ code: 'BUG' });
  const watch = new DecidingWatch(memory, 2);
  expect([1, 2, 3, 4].map(() => watch.look())).toEqual([undefined, undefined, undefined, undefined]);
});
