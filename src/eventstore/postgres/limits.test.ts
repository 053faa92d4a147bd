import { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { newEvent } from '../events.fixture.ts';
import { Inserts } from './inserts.ts';
import { Link } from './link.ts';
import { administrator, describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';

// What stands is too far away for a test: this is in its place.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  return { ...base, limits: { ...base.limits, migrationWaitMs: 60 } };
});

test('so much is inserted by one statement: of more, some is sent before the end', () => {
  const sent: (readonly unknown[])[] = [];
  const write = (_: string, values: readonly unknown[] = []) => void sent.push(values);
  const inserts = new Inserts({ schema: '"varve"', write, read: async () => [], define: async () => undefined });
  const event = { ...newEvent('a-1', { data: 'x'.repeat(limits.storeStatementLengthMax / 4) }), position: 1, version: 1 };
  for (let i = 0; i < 3; i++) inserts.event(event, [], 'ab');
  expect(sent).toEqual([]);
  inserts.event(event, [], 'ab');
  expect(sent.map(([positions]) => positions)).toEqual([[1, 1, 1, 1]]);
  inserts.event(event, [], 'ab');
  inserts.send();
  expect(sent.map(([positions]) => positions)).toEqual([[1, 1, 1, 1], [1]]);
});

describePostgres('limits', () => {
  test('so many events are read before they are asked for; where there are more, nothing of them is missing all the same', async () => {
    const store = await logsOfTest().open();
    const count = limits.eventsExpectedMax + 1;
    await store.append(Array.from({ length: count }, () => newEvent('a-1')));
    await store.transaction(async (transaction) => {
      const items = [{ stream: 'a-1' }];
      await transaction.expect?.({ commandIds: [], streams: [], items });
      const found = await transaction.readTagged(items, { after: count - 3 });
      expect(found.map(({ event }) => event.position)).toEqual([count - 2, count - 1, count]);
    });
  });

  test('a start waits so long for another one that makes the log', async () => {
    const log = newLog();
    const other = await administrator();
    onTestFinished(() => other.end());
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`varve ${log}`]);
    await expect(logsOfTest().open({ log })).rejects.toMatchObject({ code: 'LOG_BUSY', retryable: true });
  });

  test('a quiet connection asks the network whether its other end is there', async () => {
    const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    onTestFinished(() => keepAlive.mockRestore());
    const link = await Link.open(testUrl());
    expect(keepAlive).toHaveBeenCalledWith(true, limits.keepAliveMs);
    await link.close();
  });
});
