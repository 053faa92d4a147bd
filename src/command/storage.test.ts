import { expect, test } from 'vitest';
import { VarveError } from '#base';
import { openMemoryStore } from '#eventstore';
import { memoryRows, type RowStore } from '#readtable';
import { dispatcher } from './dispatcher.ts';
import { codecOf } from './memory.ts';
import { openWallet, pay, walletDomain, wallets } from './wallet.fixture.ts';

const full = new VarveError({ code: 'STORAGE_FULL', message: 'The disk is full.', hint: 'Make room.', retryable: true });

/** A dispatcher whose row store breaks while `broken` answers a fault. */
function faulty(broken: (key: string) => unknown) {
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
  return { log, rows, writer: dispatcher({ log, rows: failing, projections: walletDomain.projections, codec: codecOf(walletDomain) }) };
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
