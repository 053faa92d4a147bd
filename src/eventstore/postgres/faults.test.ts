import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '#base';
import { startProxy } from '../../../e2e/proxy.ts';
import { newEvent } from '../events.fixture.ts';
import { sqlState, storeFault } from './faults.ts';
import { administer, describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';
import type { PostgresStore } from './postgres.ts';

const unavailable = { code: 'STORE_UNAVAILABLE', retryable: true };
const unknown = { code: 'OUTCOME_UNKNOWN', retryable: true };

const pidOf = (sql: { read(text: string): Promise<readonly (readonly unknown[])[]> }) =>
  sql.read('SELECT pg_backend_pid()').then(([row]) => row?.[0]);
const terminate = (pid: unknown) => administer('SELECT pg_terminate_backend($1)', [pid]);

/** What is stored, and that the store goes on. */
async function expectStored(store: PostgresStore, streams: readonly string[]): Promise<void> {
  await store.append([newEvent('next')]);
  expect((await store.read('all')).map(({ stream }) => stream)).toEqual([...streams, 'next']);
}

async function withProxy() {
  const proxy = await startProxy(testUrl());
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

describePostgres('a transaction', () => {
  test('whose connection the server ends, while another process writes, stores nothing; the next one has a new connection', async () => {
    const logs = logsOfTest();
    const log = newLog();
    const [store, other] = [await logs.open({ log }), await logs.open({ log })];
    const broken = store.transaction(async (transaction) => {
      await transaction.append([newEvent('lost')]);
      await terminate(await pidOf(transaction.connection));
      await other.append([newEvent('kept')]);
    });
    await expect(broken).rejects.toMatchObject(unavailable);
    await expectStored(store, ['kept']);
  });

  test('that is held for too long is ended, and does not commit on the lock that it lost', async () => {
    const logs = logsOfTest();
    const log = newLog();
    const [store, other] = [await logs.open({ log, lockHoldMs: 100 }), await logs.open({ log })];
    const held = store.transaction(async (transaction) => {
      await transaction.append([newEvent('lost')]);
      // It waits for the lock until it is freed.
      await other.append([newEvent('kept')]);
    });
    await expect(held).rejects.toMatchObject(unavailable);
    await expectStored(store, ['kept']);
  });

  test('that waits for too long is told that the log is busy, and nobody is harmed', async () => {
    const logs = logsOfTest();
    const log = newLog();
    const [store, other] = [await logs.open({ log }), await logs.open({ log, lockTimeoutMs: 100 })];
    await store.transaction(async (transaction) => {
      await expect(other.append([newEvent('late')])).rejects.toMatchObject({ code: 'LOG_BUSY', retryable: true });
      await transaction.append([newEvent('first')]);
    });
    await other.append([newEvent('second')]);
    await expectStored(store, ['first', 'second']);
  });

  test('whose connection is cut before COMMIT was sent stores nothing', async () => {
    const proxy = await withProxy();
    const store = await logsOfTest().open({ url: proxy.url });
    const cut = store.transaction(async (transaction) => {
      await transaction.append([newEvent('lost')]);
      await transaction.read('all');
      proxy.cut();
      await sleep(50);
    });
    await expect(cut).rejects.toMatchObject(unavailable);
    await expectStored(store, []);
  });

  test('whose connection is cut between COMMIT and its answer is unknown: it is there, with its receipt', async () => {
    const proxy = await withProxy();
    const logs = logsOfTest();
    const log = newLog();
    const [store, other] = [await logs.open({ url: proxy.url, log }), await logs.open({ log })];
    const receipt = { commandId: 'c', inputHash: 'h', outcome: '{}', position: 1 };
    const cut = store.transaction(async (transaction) => {
      await transaction.append([newEvent('there')]);
      await transaction.keepReceipt(receipt);
      proxy.hold();
    });
    cut.catch(() => undefined);
    await expect.poll(() => other.position()).toBe(1);
    proxy.cut();
    proxy.release();
    await expect(cut).rejects.toMatchObject(unknown);
    expect(await store.receipt('c')).toEqual(receipt);
    await expectStored(store, ['there']);
  });

  test('is given up where the network is silent: before COMMIT nothing is stored, after it nobody knows', async () => {
    const proxy = await withProxy();
    const store = await logsOfTest().open({ url: proxy.url, answerWaitMs: 500, connectWaitMs: 1_500 });
    proxy.hold();
    await expect(store.append([newEvent('lost')])).rejects.toMatchObject(unavailable);
    proxy.release();
    const silent = store.transaction(async (transaction) => {
      await transaction.append([newEvent('there')]);
      proxy.hold();
    });
    await expect(silent).rejects.toMatchObject(unknown);
    proxy.release();
    await expectStored(store, ['there']);
  });

  test('with a statement that failed is none, though that was caught: COMMIT rolls it back and does not fail', async () => {
    const store = await logsOfTest().open();
    const failed = store.transaction(async (transaction) => {
      await transaction.append([newEvent('lost')]);
      await transaction.connection.read('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(failed).rejects.toThrow('division by zero');
    const unwaited = store.transaction(async (transaction) => {
      transaction.connection.write('SELECT 1 / 0');
      await transaction.append([newEvent('lost')]);
    });
    await expect(unwaited).rejects.toThrow('division by zero');
    await expectStored(store, []);
  });

  test('in a log of which somebody has dropped a table says so, and so does a read', async () => {
    const store = await logsOfTest().open();
    await store.append([newEvent('first')]);
    await administer(`DROP TABLE ${store.sql.schema}.event_tags`);
    const damaged = { code: 'STORAGE_CORRUPT', retryable: false };
    await expect(store.append([newEvent('lost', { tags: ['a'] })])).rejects.toMatchObject(damaged);
    await expect(store.readTagged([{ tags: ['a'] }])).rejects.toMatchObject(damaged);
    expect(await store.position()).toBe(1);
  });

  test('on a server that takes no writes any more says so, and the next one connects anew', async () => {
    const store = await logsOfTest().open();
    const pids: unknown[] = [];
    const demoted = store.transaction(async (transaction) => {
      pids.push(await pidOf(transaction.connection));
      await transaction.connection.read("SELECT set_config('transaction_read_only', 'on', true)");
      await transaction.append([newEvent('lost')]);
    });
    await expect(demoted).rejects.toMatchObject(unavailable);
    await store.transaction(async ({ connection }) => void pids.push(await pidOf(connection)));
    expect(new Set(pids).size).toBe(2);
    await expectStored(store, []);
  });
});

describePostgres('a connection', () => {
  test('that the server ended while nothing was asked is opened anew, and nobody notices', async () => {
    const log = newLog();
    const store = await logsOfTest().open({ log, url: `${testUrl()}?application_name=${log}` });
    await store.append([newEvent('first')]);
    await store.position();
    const ended = await administer('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [log]);
    expect(ended).toHaveLength(2);
    // The server has said goodbye, and perhaps that was not heard yet.
    await store.append([newEvent('second')]);
    await sleep(50);
    expect(await store.position()).toBe(2);
    await expectStored(store, ['first', 'second']);
  });

  test('that breaks just as a transaction begins is opened anew, and nobody notices: nothing was done yet', async () => {
    const proxy = await withProxy();
    const store = await logsOfTest().open({ url: proxy.url });
    proxy.cut();
    await store.append([newEvent('first')]);
    proxy.cut();
    await store.reading((moment) => moment.read('all'));
    await expectStored(store, ['first']);
  });

  test('is proved and given up within its time: where there is no server, a transaction says so and the one after the server is back goes on', async () => {
    const proxy = await withProxy();
    const store = await logsOfTest().open({ url: proxy.url, connectWaitMs: 500 });
    proxy.refuse();
    await expect(store.append([newEvent('lost')])).rejects.toMatchObject(unavailable);
    await expect(store.position()).rejects.toMatchObject(unavailable);
    proxy.accept();
    await expectStored(store, []);
  });

  test('ends long work without the lock by no time-out of the role, and soon where its process is gone', async () => {
    const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'client_connection_check_interval'];
    const store = await logsOfTest().open({ url: `${testUrl()}?options=-c%20statement_timeout%3D7000%20-c%20lock_timeout%3D7` });
    const seen: unknown[] = [];
    await store.beside(async (connection) => {
      for (const setting of settings) seen.push((await connection.read(`SELECT current_setting('${setting}')`))[0]?.[0]);
    });
    expect(seen).toEqual(['0', `${limits.lockTimeoutMs / 1_000}s`, '0', '1s']);
  });

  test('has commits wait for the disk whatever the role is set to, and for a standby that applies them where it is set to that', async () => {
    const logs = logsOfTest();
    const settingOf = async (setting: string) => {
      const url = `${testUrl()}?options=-c%20synchronous_commit%3D${setting}%20-c%20statement_timeout%3D7000`;
      const store = await logs.open({ url });
      return store.transaction(async ({ connection }) =>
        (await connection.read("SELECT current_setting('synchronous_commit'), current_setting('statement_timeout')"))[0]?.join(' '),
      );
    };
    expect(await Promise.all(['off', 'local', 'remote_write', 'on', 'remote_apply'].map(settingOf))).toEqual([
      'on 0',
      'on 0',
      'on 0',
      'on 0',
      'remote_apply 0',
    ]);
  });
});

test.each([
  ['53100', 'STORAGE_FULL'],
  ['53300', 'STORE_UNAVAILABLE'],
  ['55P03', 'LOG_BUSY'],
  ['57P01', 'STORE_UNAVAILABLE'],
  ['25006', 'STORE_UNAVAILABLE'],
  ['28P01', 'STORE_UNAVAILABLE'],
])('what PostgreSQL says by %s is %s, which may be tried again', (code, expected) => {
  const fault = Object.assign(new Error('no'), { severity: 'ERROR', code });
  expect(storeFault(fault)).toMatchObject({ code: expected, retryable: true, hint: expect.stringMatching(/\.$/) });
});

test.each([
  ['42P01', 'STORAGE_CORRUPT'],
  ['42703', 'STORAGE_CORRUPT'],
  ['58030', 'STORAGE_FAILED'],
  ['58P01', 'STORAGE_FAILED'],
  ['XX000', 'STORAGE_FAILED'],
  ['XX001', 'STORAGE_CORRUPT'],
  ['XX002', 'STORAGE_CORRUPT'],
])('what PostgreSQL says by %s is %s, which an operator has to mend', (code, expected) => {
  const cause = Object.assign(new Error('could not open "base/5/16384"'), { severity: 'ERROR', code });
  const fault = storeFault(cause);
  expect(fault).toMatchObject({ code: expected, retryable: false, cause, hint: expect.stringMatching(/\.$/) });
  expect(String(fault)).not.toContain('base/');
  expect(sqlState(fault)).toBe(code);
});

test('what an index does not take is told as what it is', () => {
  const words = 'index row size 4016 exceeds btree version 4 maximum 2704 for index "notes__a_text"';
  const fault = Object.assign(new Error(words), { severity: 'ERROR', code: '54000' });
  expect(storeFault(fault)).toMatchObject({
    code: 'TEXT_NOT_STORABLE',
    retryable: false,
    message: expect.stringContaining(words),
    cause: fault,
  });
});

test('what PostgreSQL says of a bug stays as it is, and so does what it did not say', () => {
  const bug = Object.assign(new Error('no'), { severity: 'ERROR', code: '42601' });
  const other = Object.assign(new Error('no'), { code: '53100' });
  expect([storeFault(bug), storeFault(other)]).toEqual([bug, other]);
});
