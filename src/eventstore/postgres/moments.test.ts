import { expect, test } from 'vitest';
import type { SqlMoment } from '#base';
import { newEvent } from '../events.fixture.ts';
import { administer, describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';
import { openPostgresReader } from './reader.ts';

describePostgres('moments', () => {
  const open = async (readersMax: number) => {
    const log = newLog();
    return { log, store: await logsOfTest().open({ log, readersMax }) };
  };
  const count = 'SELECT count(*)::int FROM ';

  test('each sees what was there at its first read, whatever is written meanwhile', async () => {
    const { store } = await open(4);
    await store.append([newEvent('a-1')]);
    const before = await store.moments.begin();
    const events = `${count}${before.schema}.events`;
    expect(await before.read(events)).toEqual([[1]]);
    await store.append([newEvent('a-1')]);
    const after = await store.moments.begin();
    expect([await before.read(events), await after.read(events)]).toEqual([[[1]], [[2]]]);
    for (const moment of [before, after]) moment.end();
    const third = await store.moments.begin();
    expect(await third.read(events)).toEqual([[2]]);
    third.end();
  });

  test('refuse what writes, and a failed read fails no other moment', async () => {
    const { store } = await open(1);
    const one = await store.moments.begin();
    await expect(one.read(`DELETE FROM ${one.schema}.events RETURNING position`)).rejects.toThrow();
    one.end();
    const two = await store.moments.begin();
    expect(await two.read(`${count}${two.schema}.events`)).toEqual([[0]]);
    two.end();
  });

  test('wait for one another where all connections are out', async () => {
    const { store } = await open(1);
    const first = await store.moments.begin();
    const order: string[] = [];
    const second = store.moments.begin().then((moment) => {
      order.push('begun');
      return moment;
    });
    const position = store.position();
    await first.read(`${count}${first.schema}.events`);
    order.push('ended');
    first.end();
    first.end();
    (await second).end();
    expect([await position, order]).toEqual([0, ['ended', 'begun']]);
  });

  test('that wait while a connection is tried in vain try for themselves', async () => {
    const reader = openPostgresReader('postgres://nobody@127.0.0.1:1/nowhere', { readersMax: 1 });
    const begun = performance.now();
    const tried = await Promise.all([1, 2, 3].map(() => reader.moments.begin().catch(({ code }) => code)));
    expect(tried).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
    expect(performance.now() - begun).toBeLessThan(2_000);
    await reader.close();
  });

  test('are on new connections after one that broke: the server of all of them may be gone', async () => {
    const { store } = await open(2);
    const pidOf = async ({ read }: SqlMoment) => (await read('SELECT pg_backend_pid()'))[0]?.[0];
    const [one, two] = [await store.moments.begin(), await store.moments.begin()];
    const pids = [await pidOf(one), await pidOf(two)];
    two.end();
    await administer('SELECT pg_terminate_backend($1)', [pids[0]]);
    await expect(pidOf(one)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    one.end();
    const next = await store.moments.begin();
    expect(pids).not.toContain(await pidOf(next));
    next.end();
  });

  test('of a log that is opened to be read are on whichever server its URL says', async () => {
    const { log, store } = await open(2);
    await store.append([newEvent('a-1', { tags: ['x:1'] })]);
    const reader = openPostgresReader(`${testUrl()}?options=-c%20default_transaction_read_only%3Don`, { log, isReplica: true });
    const moment = await reader.moments.begin();
    expect([await moment.read(`${count}${moment.schema}.events`), await reader.position()]).toEqual([[[1]], 1]);
    moment.end();
    await reader.close();
    const strict = openPostgresReader(`${testUrl()}?options=-c%20default_transaction_read_only%3Don`, { log });
    await expect(strict.position()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await strict.close();
  });
});
