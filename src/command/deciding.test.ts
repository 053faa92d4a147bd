import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { type MemoryConnection, openMemoryStore } from '#eventstore';
import { ignore, projection } from '#projector';
import { memoryJournal, memoryRows, type RowStore } from '#readtable';
import type { ToWriter } from './crossing.ts';
import { Deciding, DecidingWatch, decidingMemory } from './deciding.ts';
import { dispatcher } from './dispatcher.ts';
import { codecOf } from './memory.ts';
import { remoteDispatcher } from './remote.ts';
import { openWallet, repaint, wallet, walletDomain, wallets } from './wallet.fixture.ts';

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

test('neither what the store does nor many rows that a command changes are taken for domain code that stands still', async () => {
  const memory = decidingMemory();
  const deciding = new Deciding(memory);
  const [log, rows] = [openMemoryStore(), memoryRows()];
  /** Which command's code runs, and how many steps were made. */
  const now = () => [...new Int32Array(memory)];
  const storing: unknown[] = [];
  const noting = <Asked extends unknown[], T>(work: (...asked: Asked) => T) => {
    return (...asked: Asked): T => {
      storing.push(now()[0]);
      return work(...asked);
    };
  };
  const slow: typeof log = {
    ...log,
    transaction: (work) => log.transaction((own) => work({ ...own, readTagged: noting(own.readTagged), append: noting(own.append) })),
  };
  const steps: unknown[] = [];
  const repainted = projection(wallets, [wallet], {
    Opened: ({ id: walletId, data: { colour } }, row) => row(walletId).put({ walletId, colour, coins: 0 }),
    Paid: ignore,
    Repainted: ({ data: { from, to } }, row) =>
      row.where({ colour: from }).update((before) => {
        steps.push(now());
        return { ...before, colour: to };
      }),
  });
  const slowRows = { ...rows, where: noting(rows.where), write: noting(rows.write) };
  const parts = { log: slow, rows: slowRows, journal: memoryJournal(), projections: [repainted], codec: codecOf(walletDomain), deciding };
  const writer = dispatcher(parts);
  for (const walletId of ['a', 'b', 'c']) await deciding.sending(1, () => writer.send(openWallet, { walletId, colour: 'red' }));
  await deciding.sending(7, () => writer.send(repaint, { walletId: 'a', from: 'red', to: 'blue' }));
  expect(new Set(storing)).toEqual(new Set([0]));
  const [first = 0] = steps.map((seen) => (seen as number[])[1]);
  expect(steps).toEqual([first, first + 1, first + 2].map((step) => [7, step]));
});

test('a store that is far away may take its time: what is waited for is no domain code, and what comes after it is', async () => {
  const memory = decidingMemory();
  const deciding = new Deciding(memory);
  const [log, rows] = [openMemoryStore(), memoryRows()];
  const now = () => new Int32Array(memory)[0];
  const waiting: unknown[] = [];
  const far = <Asked extends unknown[], T>(work: (...asked: Asked) => T) => {
    return async (...asked: Asked): Promise<Awaited<T>> => {
      waiting.push(now());
      await new Promise(setImmediate);
      waiting.push(now());
      return await work(...asked);
    };
  };
  const farLog: typeof log = {
    ...log,
    transaction: (work) =>
      log.transaction((own) => work({ ...own, readTagged: far(own.readTagged), expect: far(async () => {}), receipt: far(own.receipt) })),
  };
  const deciders: unknown[] = [];
  const noted = projection(wallets, [wallet], {
    Opened: ({ id: walletId, data: { colour } }, row) => {
      deciders.push(now());
      return row(walletId).upsert({ walletId, colour, coins: 0 }, (before) => before);
    },
    Paid: ignore,
    Repainted: ({ data: { from, to } }, row) =>
      row.where({ colour: from }).update((before) => {
        deciders.push(now());
        return { ...before, colour: to };
      }),
  });
  const farRows: RowStore<MemoryConnection> = { ...rows, get: far(rows.get), where: far(rows.where), expect: far(async () => {}) };
  const parts = { log: farLog, rows: farRows, journal: memoryJournal(), projections: [noted], codec: codecOf(walletDomain), deciding };
  const writer = dispatcher(parts);
  await Promise.all(
    [1, 2].map((number) => deciding.sending(number, () => writer.send(openWallet, { walletId: `w${number}`, colour: 'red' }))),
  );
  await deciding.sending(7, () => writer.send(repaint, { walletId: 'a', from: 'red', to: 'blue' }, { commandId: 'c' }));
  expect(new Set(waiting)).toEqual(new Set([0]));
  // The rows of both are foreseen, and then each is projected.
  expect(deciders).toEqual([1, 2, 1, 2, 7, 7]);
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

test('the numbers of commands begin anew before they outgrow the memory that they stand in, and each is answered as its own', async () => {
  const { port1, port2 } = new MessageChannel();
  const numbers: number[] = [];
  port2.on('message', (said: ToWriter) => {
    if (said === 'close') return port2.postMessage('closed');
    const answers = said.commands.map(([, walletId], place) => {
      numbers.push(said.first + place);
      return { number: said.first + place, outcome: { accepted: true, position: 1, replayed: false, id: walletId } };
    });
    port2.postMessage({ commits: [], answers });
  });
  const onFault = () => {};
  const remote = remoteDispatcher({
    port: port1,
    projections: [],
    codec: codecOf(walletDomain),
    onCommit: () => {},
    onFault,
    numbersMax: 3,
  });
  for (const ids of [['a', 'b'], ['c', 'd'], ['e']]) {
    const outcomes = await Promise.all(ids.map((id) => remote.send(openWallet, id)));
    expect(outcomes).toMatchObject(ids.map((id) => ({ id })));
  }
  // All of one message have numbers that follow one another.
  expect(numbers).toEqual([1, 2, 3, 4, 1]);
  await remote.close();
});
