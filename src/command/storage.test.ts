import { expect, test } from 'vitest';
import { limits, VarveError } from '#base';
import { openMemoryStore } from '#eventstore';
import { memoryJournal, memoryRows, memorySnapshots, type RowStore } from '#readtable';
import { dispatcher } from './dispatcher.ts';
import { codecOf } from './memory.ts';
import { openWallet, pay, walletDomain, wallets } from './wallet.fixture.ts';

const full = new VarveError({ code: 'STORAGE_FULL', message: 'The disk is full.', hint: 'Make room.', retryable: true });

/** A dispatcher whose row store breaks while `broken` answers a fault, and its journal while `unjournaled` does. */
function faulty(broken: (key: string) => unknown, unjournaled: () => unknown = () => undefined) {
  const log = openMemoryStore();
  const rows = memoryRows();
  const failing: RowStore<Parameters<typeof rows.get>[0]> = {
    ...rows,
    write: (connection, table, writes) => {
      for (const key of writes.keys()) {
        const fault = broken(key);
        if (fault) throw fault;
      }
      return rows.write(connection, table, writes);
    },
  };
  const kept = memoryJournal();
  const journal: typeof kept = {
    ...kept,
    append: (...entries) => {
      kept.append(...entries);
      const fault = unjournaled();
      if (fault) throw fault;
    },
  };
  const snapshots = memorySnapshots({ rows, journal, position: () => log.position() });
  const parts = { log, journal, projections: walletDomain.projections, codec: codecOf(walletDomain) };
  return { log, rows, snapshots, writer: dispatcher({ ...parts, rows: failing }) };
}

test('a store that fails undoes the whole batch, tells each command so, and goes on when it has recovered', async () => {
  let isFull = false;
  const { log, rows, writer } = faulty(() => (isFull ? full : undefined));
  await writer.send(openWallet, { walletId: 'a', colour: 'red' });
  isFull = true;
  const results = await Promise.allSettled(['1', '2'].map((commandId) => writer.send(pay, { walletId: 'a', coins: 1 }, { commandId })));
  expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual([full, full]);
  expect([await log.position(), await log.receipt('1')]).toEqual([1, undefined]);
  isFull = false;
  expect(await writer.send(pay, { walletId: 'a', coins: 5 }, { commandId: '1' })).toMatchObject({ accepted: true, position: 2 });
  expect(rows.all(wallets)).toEqual([{ walletId: 'a', colour: 'red', coins: 5 }]);
});

test('a command that the store will not have does not take its neighbours with it', async () => {
  const { log, rows, writer } = faulty((key) => (key === 'poison' ? new Error('constraint failed') : undefined));
  const results = await Promise.allSettled(['a', 'poison', 'b'].map((walletId) => writer.send(openWallet, { walletId, colour: 'red' })));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await log.position()).toBe(2);
  expect(rows.all(wallets).map((row) => row['walletId'])).toEqual(['a', 'b']);
});

test('a journal that fails undoes the commit, and the journal has of it only what was tried again', async () => {
  let isFull = true;
  const { log, rows, snapshots, writer } = faulty(
    () => undefined,
    () => (isFull ? full : undefined),
  );
  const open = () => writer.send(openWallet, { walletId: 'a', colour: 'red' }, { commandId: '1' });
  await expect(open()).rejects.toBe(full);
  expect([await log.position(), rows.all(wallets)]).toEqual([0, []]);
  isFull = false;
  expect(await open()).toMatchObject({ accepted: true, position: 1 });
  const page = await (await snapshots.take()).changes(wallets, { after: { position: 0 }, count: 9 });
  expect(page?.changes).toEqual([{ position: 1, key: 'a', before: undefined, after: { walletId: 'a', colour: 'red', coins: 0 } }]);
});

test('a damaged event fails the commands that fold it, and no others', async () => {
  const { log, writer } = faulty(() => undefined);
  await Promise.all(['a', 'b'].map((walletId) => writer.send(openWallet, { walletId, colour: 'red' })));
  const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
  const damaged = { eventId: 'e', stream: 'wallet-c', type: 'Opened', schemaVersion: 1, data: '{', tags: [], metadata };
  await log.append([{ ...damaged, recordedAt: new Date(0) }]);
  const results = await Promise.allSettled(['a', 'c', 'b'].map((walletId) => writer.send(pay, { walletId, coins: 1 })));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { code: 'STORAGE_CORRUPT', message: expect.stringContaining('position 3') } });
  expect(await log.position()).toBe(5);
});

test.each(['SQLITE_CORRUPT', 'SQLITE_BUSY'])('what a read of the store throws concerns the commands that meet it: %s', async (code) => {
  const log = openMemoryStore();
  const fault = Object.assign(new Error('no'), { code });
  let [isBroken, transactions] = [false, 0];
  const failing: typeof log = {
    ...log,
    transaction: (work) => {
      transactions += 1;
      return log.transaction((own) =>
        work({
          ...own,
          readTagged: (items, options) => {
            if (isBroken && items.some(({ stream }) => stream === 'wallet-b')) throw fault;
            return own.readTagged(items, options);
          },
        }),
      );
    },
  };
  const parts = { log: failing, rows: memoryRows(), journal: memoryJournal(), projections: [], codec: codecOf(walletDomain) };
  const writer = dispatcher(parts);
  await writer.send(openWallet, { walletId: 'a', colour: 'red' });
  isBroken = true;
  const results = await Promise.allSettled(['a', 'b', 'c'].map((walletId) => writer.send(openWallet, { walletId, colour: 'red' })));
  // A lock that is not given is not waited for again by each: all are told.
  const isOfAll = code === 'SQLITE_BUSY';
  const found = results.map((result) => (result.status === 'fulfilled' ? undefined : result.reason));
  expect(found).toEqual(isOfAll ? [fault, fault, fault] : [undefined, expect.objectContaining({ code: 'BUG', cause: fault }), undefined]);
  expect(transactions).toBe(isOfAll ? 2 : 5);
});

test.each([1, 2, 20])('however many of a batch cannot be projected, it takes a second transaction, and no more: %i', async (bad) => {
  const log = openMemoryStore();
  let transactions = 0;
  const counting: typeof log = {
    ...log,
    transaction: (work) => {
      transactions += 1;
      return log.transaction(work);
    },
  };
  const { projections } = walletDomain;
  const writer = dispatcher({ log: counting, rows: memoryRows(), journal: memoryJournal(), projections, codec: codecOf(walletDomain) });
  await writer.send(openWallet, { walletId: 'a', colour: 'red' });
  transactions = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => writer.send(pay, { walletId: 'a', coins: i < bad ? 13 : 1 })),
  );
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, (_, i) => (i < bad ? 'rejected' : 'fulfilled')));
  expect(transactions).toBe(2);
  expect(await log.version('wallet-a')).toBe(1 + 20 - bad);
});

test('who comes while the log is waited for is decided in the same transaction, up to as many as one may have', async () => {
  const log = openMemoryStore();
  const { promise: given, resolve: give } = Promise.withResolvers<void>();
  const batches: number[] = [];
  const busy: typeof log = {
    ...log,
    transaction: async (work) => {
      await given;
      const before = log.position();
      return log.transaction(async (own) => {
        const done = await work(own);
        batches.push((await own.position()) - (await before));
        return done;
      });
    },
  };
  const writer = dispatcher({ log: busy, rows: memoryRows(), journal: memoryJournal(), projections: [], codec: codecOf(walletDomain) });
  const open = (n: number) => writer.send(openWallet, { walletId: `w${n}`, colour: `of ${n}` }, { commandId: `c${n}` });
  const first = open(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const others = Array.from({ length: limits.batchCommandsMax }, (_, i) => open(i + 1));
  give();
  const outcomes = await Promise.all([first, ...others]);
  expect(outcomes.map((outcome) => outcome.accepted && outcome.position)).toEqual(outcomes.map((_, i) => i + 1));
  expect(batches).toEqual([limits.batchCommandsMax, 1]);
  await writer.close();
});
