import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#base';
import { pause } from '../load.ts';
import { Machine } from './machine.ts';
import { follow, stepsOf } from './operator.ts';
import { programsMissing } from './programs.ts';
import { Shopper } from './shopper.ts';

const missing = programsMissing();
/** For streams that come back, beside whatever else the machine does. */
const backWaitMs = 30_000;
const title = 'what is composed, by the programs themselves, as its README has it';

describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (skipped: ${missing})`, { timeout: 120_000 }, () => {
  const stack = new AsyncDisposableStack();
  let machine: Machine;
  let shopper: Shopper;
  const waits = () => machine.asked('primary', `SELECT string_agg(sync_state, ',') FROM pg_stat_replication`);
  /** What were kept back on the way would come with the next heartbeat, at the latest. */
  const heardAll = (timeout = limits.heartbeatMs / 2) => expect.poll(() => shopper.hasHeardAll || shopper.heard, { timeout }).toBe(true);

  beforeAll(async () => {
    machine = stack.use(await Machine.make());
    await follow(machine, stepsOf('Starting it'));
    shopper = stack.use(new Shopper(machine.at('/graphql')));
    await shopper.begin();
  }, 120_000);
  afterAll(() => stack.disposeAsync(), 60_000);

  test('commits wait for the standby, and queries are read there', async () => {
    expect(await waits()).toBe('sync');
    await machine.asked('standby', 'SELECT pg_wal_replay_pause()');
    expect(await shopper.restock()).toEqual([]);
    expect(await shopper.look(true)).toBe(shopper.stock - 1);
    await machine.asked('standby', 'SELECT pg_wal_replay_resume()');
    expect(await shopper.look()).toBe(shopper.stock);
  });

  test('streams are told at once, over either transport', async () => {
    await heardAll();
    expect(await shopper.restock()).toEqual([]);
    await heardAll();
  });

  test('without the standby nothing is accepted, until an operator has it so', async () => {
    const [alone = '', again = ''] = stepsOf('Commits wait for the standby');
    await machine.kill('standby');
    // Of several, at several processes: one is being committed, and keeps the lock.
    const tried = Array.from({ length: 4 }, () => shopper.tryToRestock());
    expect(await Promise.race(tried)).toBe('LOG_BUSY');
    expect(await shopper.look(true)).toBe(shopper.stock);
    await follow(machine, [alone]);
    expect(new Set(await Promise.all(tried))).toEqual(new Set(['accepted', 'LOG_BUSY']));
    expect(await shopper.restock()).toEqual([]);
    await machine.up('standby');
    await follow(machine, [again]);
    await expect.poll(waits, { timeout: backWaitMs }).toBe('sync');
  });

  test('without the primary queries go on, and commands are told to come back; its standby takes them when it is promoted', async () => {
    const [remove = '', promote = ''] = stepsOf('When the primary fails');
    await machine.kill('primary');
    const [told, seen] = [new Set<string>(), new Set<unknown>()];
    for (const end = performance.now() + 5_000; performance.now() < end; await pause(50)) {
      told.add(await shopper.tryToRestock());
      seen.add(await shopper.look());
    }
    expect([...told].filter((is) => is !== 'OUTCOME_UNKNOWN')).toEqual(['STORE_UNAVAILABLE']);
    expect([...seen]).toEqual([shopper.stock]);
    await follow(machine, [remove, promote]);
    expect((await shopper.restock()).filter((is) => !['OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE'].includes(is))).toEqual([]);
    await heardAll(backWaitMs);
  });

  test('a process that stops, and one that dies, cost nobody anything', async () => {
    const stopping = machine.stop('varve3');
    const told: string[] = [];
    for (let i = 0; i < 20; i++) told.push(...(await shopper.restock()));
    expect(told.filter((is) => is !== 'SHUTTING_DOWN')).toEqual([]);
    await stopping;
    await machine.kill('varve2');
    for (let i = 0; i < 20; i++) expect(await shopper.restock()).toEqual([]);
    await heardAll(backWaitMs);
  });

  test('with the roles exchanged, commits wait again; streams were told of everything, once', async () => {
    const [, , ...exchange] = stepsOf('When the primary fails');
    await follow(machine, exchange);
    await expect.poll(waits, { timeout: backWaitMs }).toBe('sync');
    expect(await shopper.look()).toBe(shopper.stock);
    expect(await shopper.restock()).toEqual([]);
    await heardAll(backWaitMs);
  });
});
