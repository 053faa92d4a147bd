import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { startProxy } from '../../../e2e/proxy.ts';
import { newEvent } from '../events.fixture.ts';
import { follow } from './follow.ts';
import { administer, describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';

describePostgres('whoever follows a log', () => {
  const setup = async (url = testUrl()) => {
    const [logs, log] = [logsOfTest(), newLog()];
    const [writer, follower] = [await logs.open({ log }), await logs.open({ log, listenUrl: url })];
    const told: number[] = [];
    const following = follower.follow((position) => told.push(position));
    await expect.poll(() => told).toEqual([0]);
    return { logs, writer, follower, following, told };
  };

  test('is told at once how far it is, and then of what others write, long before it would look itself', async () => {
    const { writer, told } = await setup();
    for (let position = 1; position <= 5; position++) {
      const begun = performance.now();
      await writer.append([newEvent('a-1')]);
      await expect.poll(() => told.at(-1), { interval: 1 }).toBe(position);
      expect(performance.now() - begun).toBeLessThan(500);
    }
    expect(told).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('is told nothing of another log of the same database', async () => {
    const { logs, writer, told } = await setup();
    const other = await logs.open();
    await other.append([newEvent('a-1'), newEvent('a-1'), newEvent('a-1')]);
    await writer.append([newEvent('a-1')]);
    await expect.poll(() => told.at(-1)).toBe(1);
    expect(told).toEqual([0, 1]);
  });

  test('is told of a commit also where one of the same position came to nothing before', async () => {
    const { writer, follower, following } = await setup();
    await following.close();
    const stood: number[] = [];
    follower.follow(async () => stood.push(await follower.position()));
    await expect.poll(() => stood).toEqual([0]);
    const failing = writer.transaction(async (transaction) => {
      await transaction.append([newEvent('a-1')]);
      // It goes with the commit, and fails there.
      transaction.connection.write('SELECT 1 / $1::int', [0]);
    });
    await expect(failing).rejects.toThrow();
    await expect.poll(() => stood).toEqual([0, 0]);
    await writer.append([newEvent('a-1')]);
    await expect.poll(() => stood.at(-1), { timeout: 500 }).toBe(1);
  });

  test('finds by itself what no word came of', async () => {
    const proxy = await startProxy(testUrl());
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const { follower, told } = await setup(proxy.url);
    // As by a writer whose process ends between its commit and its word.
    await follower.transaction(({ connection }) =>
      connection.write(`INSERT INTO ${connection.schema}.events SELECT 1, 'e', 'a-1', 1, 'Happened', 1, '{}', '{}', 0, ''`),
    );
    await expect.poll(() => told.at(-1), { timeout: 5_000 }).toBe(1);
  });

  test('listens again when its connection breaks, and is told what came meanwhile', async () => {
    const proxy = await startProxy(testUrl());
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const name = newLog();
    const { writer, told } = await setup(`${proxy.url}?application_name=${name}`);
    proxy.refuse();
    await writer.append([newEvent('a-1')]);
    proxy.accept();
    await expect.poll(() => told.at(-1), { timeout: 5_000 }).toBe(1);
    await administer('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name]);
    await writer.append([newEvent('a-1')]);
    await expect.poll(() => told.at(-1), { timeout: 5_000 }).toBe(2);
  });

  test('does not stay with a server that takes no writes, where nobody would tell it anything', async () => {
    const readOnly = `${testUrl()}?options=-c%20default_transaction_read_only%3Don`;
    const follower = await logsOfTest().open({ listenUrl: readOnly });
    const told: number[] = [];
    follower.follow((position) => told.push(position));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toEqual([]);
  });

  test('hears no more when it has ended', async () => {
    const { writer, following, told } = await setup();
    await following.close();
    await writer.append([newEvent('a-1')]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual([0]);
  });
});

test('where nobody is there to listen to is tried again after pauses, each twice as long as the one before, up to a bound', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const begun = Date.now();
  const tries: number[] = [];
  const connect = () => {
    tries.push(Date.now() - begun);
    return Promise.reject(new Error('nobody'));
  };
  const following = follow({ log: 'varve', schema: '"varve"', connect, keepsSession: true, onAhead: () => undefined });
  await vi.advanceTimersByTimeAsync(limits.followPauseMaxMs * 6);
  await following.close();
  const pauses = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
  expect(pauses.slice(0, 3)).toEqual([1, 2, 4].map((times) => times * limits.followPauseMs));
  expect(new Set(pauses.slice(-2))).toEqual(new Set([limits.followPauseMaxMs]));
});
