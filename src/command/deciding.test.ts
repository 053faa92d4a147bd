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

test('commands that are tried again one by one are told one by one: what a thread has committed it has also told when the next one begins', async () => {
  const [log, rows] = [openMemoryStore(), memoryRows()];
  const told: string[] = [];
  const toldBefore: string[][] = [];
  const noting: typeof log = {
    ...log,
    transaction: (work) => {
      toldBefore.push([...told]);
      return log.transaction(work);
    },
  };
  const failing: typeof rows = {
    ...rows,
    write: (connection, table, writes) => {
      if (writes.has('poison')) throw new Error('constraint failed');
      return rows.write(connection, table, writes);
    },
  };
  const parts = { log: noting, rows: failing, journal: memoryJournal(), projections: walletDomain.projections };
  const writer = dispatcher({ ...parts, codec: codecOf(walletDomain) });
  // As answers leave a writer's thread.
  const tell = (walletId: string) => process.nextTick(() => told.push(walletId));
  const open = (walletId: string) => writer.send(openWallet, { walletId, colour: 'red' }).finally(() => tell(walletId));
  const results = await Promise.allSettled(['a', 'poison', 'b'].map(open));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  // All together, then each alone.
  expect(toldBefore).toEqual([[], [], ['a'], ['a', 'poison']]);
});
