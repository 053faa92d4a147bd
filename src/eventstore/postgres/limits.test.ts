import { Socket } from 'node:net';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { newEvent } from '../events.fixture.ts';
import { openPostgresLook } from './look.ts';
import { administrator, describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  const near = { eventsExpectedMax: 4, storeStatementLengthMax: 2_000, migrationWaitMs: 60, keepAliveMs: 1_234, lookAnswerWaitMs: 1_500 };
  return { ...base, limits: { ...base.limits, ...near } };
});

/** What is asked of PostgreSQL from now on. */
function asked(): string[] {
  const texts: string[] = [];
  const { query } = pg.Client.prototype;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...said: readonly unknown[]) {
    const [{ text = '' }] = said as [{ text?: string }];
    texts.push(text);
    return Reflect.apply(query, this, said);
  });
  onTestFinished(() => spy.mockRestore());
  return texts;
}

describePostgres('the limits of a log on PostgreSQL', () => {
  test.each([
    { events: 3, reads: 1 },
    { events: 5, reads: 2 },
  ])('of $events events those are read ahead that are not more than may be', async ({ events, reads }) => {
    const store = await logsOfTest().open();
    await store.append(Array.from({ length: events }, () => newEvent('a-1')));
    const texts = asked();
    await store.transaction(async (transaction) => {
      await transaction.expect?.({ commandIds: [], items: [{ stream: 'a-1' }] });
      expect(await transaction.readTagged([{ stream: 'a-1' }])).toHaveLength(events);
    });
    expect(texts.filter((text) => text.includes('stream = $1') && text.includes('.events'))).toHaveLength(reads);
  });

  test('so much is sent in one statement, and the rest in others', async () => {
    const store = await logsOfTest().open();
    const texts = asked();
    const large = { data: JSON.stringify('x'.repeat(limits.storeStatementLengthMax / 2)) };
    await store.append([newEvent('a-1', large), newEvent('a-1', large), newEvent('a-1', large), newEvent('a-1', large)]);
    expect(texts.filter((text) => /INSERT INTO \S+\.events /.test(text)).length).toBeGreaterThan(1);
    expect(await store.read('all')).toHaveLength(4);
  });

  test('an operator waits longer for an answer, and not for ever', async () => {
    const log = newLog();
    await logsOfTest().open({ log });
    const look = await openPostgresLook(testUrl(), log);
    onTestFinished(() => look.close());
    await expect(look.sql.read('SELECT pg_sleep(0.5)')).resolves.toHaveLength(1);
    await expect(look.sql.read('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('a start waits so long for another one that makes the log', async () => {
    const log = newLog();
    const other = await administrator();
    onTestFinished(() => other.end());
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`varve ${log}`]);
    await expect(logsOfTest().open({ log })).rejects.toMatchObject({ code: 'LOG_BUSY', retryable: true });
  });

  test('a quiet connection is proved after so long', async () => {
    const proved = vi.spyOn(Socket.prototype, 'setKeepAlive');
    onTestFinished(() => proved.mockRestore());
    await logsOfTest().open();
    expect(proved).toHaveBeenCalledWith(true, limits.keepAliveMs);
  });
});
