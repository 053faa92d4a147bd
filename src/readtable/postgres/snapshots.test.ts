import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SqlMoments } from '#base';
import type { SnapshotsOptions } from '../pool.ts';
import type { Snapshots } from '../read.ts';
import { thing, things } from '../rowstore.contract.ts';
import { snapshotsContract } from '../snapshots.contract.ts';
import { postgresCatalog } from './catalog.ts';
import { testDatabase, withPostgres } from './database.fixture.ts';
import { postgresRows } from './rows.ts';
import { postgresSnapshots } from './snapshots.ts';

withPostgres('Snapshots of PostgreSQL', () => {
  async function opened(options: SnapshotsOptions = {}) {
    const database = await testDatabase(things);
    const snapshots = postgresSnapshots(database, options);
    const { transaction } = database;
    const texts = () => database.asked.map(([text]) => text);
    return {
      ...database,
      snapshots,
      put: (...keys: readonly string[]) =>
        transaction(async (connection) => postgresRows().write(connection, things, new Map(keys.map((key) => [key, thing(key)])))),
      texts,
      begun: () => texts().filter((text) => text.startsWith('LOCK')).length,
      spoilLists: async () => void (await database.rows(`UPDATE ${database.schema}.things SET parts = 'no list'`)),
      close: async () => {
        snapshots.close();
        await database.remove();
      },
    };
  }

  snapshotsContract('PostgreSQL', opened, { nul: true });

  async function open(options: SnapshotsOptions = {}) {
    const database = await opened(options);
    onTestFinished(database.close);
    return database;
  }

  const turn = () => new Promise(setImmediate);

  describe('those who ask', () => {
    it('in one turn share a moment, which begins after all of them have asked: one way there and back', async () => {
      const { snapshots, begun, trips, out, advance } = await open();
      await advance(3);
      const before = trips();
      const all = await Promise.all([snapshots.take(), Promise.resolve().then(() => snapshots.take()), snapshots.take()]);
      expect([begun(), trips() - before, out(), ...all.map(({ position }) => position)]).toEqual([1, 1, 1, 3, 3, 3]);
      await advance();
      const later = await snapshots.take();
      expect([later.position, begun(), out()]).toEqual([4, 2, 2]);
      for (const snapshot of [...all, later]) snapshot.release();
      expect(out()).toBe(0);
    });

    it('while one is being begun do not get it: it may be too early for them', async () => {
      const { snapshots, begun } = await open();
      const early = snapshots.take();
      await turn();
      await turn();
      const late = snapshots.take();
      (await early).release();
      (await late).release();
      expect(begun()).toBe(2);
    });

    it('have no second one begun for them while theirs is being begun', async () => {
      const database = await open();
      const begin = vi.fn(async () => {
        for (let turns = 0; turns < 3; turns++) await turn();
        return database.begin();
      });
      const snapshots = postgresSnapshots({ begin }, { size: 3 });
      const first = await snapshots.take();
      const second = snapshots.take();
      await turn();
      first.release();
      (await second).release();
      snapshots.close();
      expect(begin).toHaveBeenCalledTimes(2);
    });

    it('while all are out share the next one, as it is then', async () => {
      const { snapshots, advance, begun, out } = await open({ size: 1 });
      const first = await snapshots.take();
      const waiting = [snapshots.take(), snapshots.take()];
      await turn();
      waiting.push(snapshots.take());
      await advance();
      first.release();
      const all = await Promise.all(waiting);
      expect([all.map(({ position }) => position), begun(), out()]).toEqual([[1, 1, 1], 2, 1]);
      for (const snapshot of all) snapshot.release();
      expect(out()).toBe(0);
    });
  });

  it('one that comes after all who wanted it have gone is ended', async () => {
    const { begin, out } = await open();
    const goOn: (() => void)[] = [];
    const ended = vi.fn();
    const slow: SqlMoments = {
      begin: async () => {
        await new Promise<void>((resolve) => void goOn.push(resolve));
        const moment = await begin();
        return {
          ...moment,
          end: () => {
            moment.end();
            ended();
          },
        };
      },
    };
    const snapshots = postgresSnapshots(slow, { waitMs: 20 });
    onTestFinished(() => snapshots.close());
    await expect(snapshots.take()).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true });
    goOn[0]?.();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1), 5_000);
    expect(out()).toBe(0);
  });

  it('tells all who wait what a moment failed with, and begins anew for those who ask then', async () => {
    const { begin, out } = await open();
    let faults = 2;
    const failing: SqlMoments = {
      begin: async () => {
        faults -= 1;
        if (faults === 1) throw new Error('the database went away');
        const moment = await begin();
        return faults === 0 ? { ...moment, read: () => Promise.reject(new Error('it went away later')) } : moment;
      },
    };
    const snapshots = postgresSnapshots(failing, { size: 1 });
    onTestFinished(() => snapshots.close());
    const both = await Promise.allSettled([snapshots.take(), snapshots.take()]);
    expect(both.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(Array(2).fill('the database went away'));
    await expect(snapshots.take()).rejects.toThrow('it went away later');
    expect(out()).toBe(0);
    (await snapshots.take()).release();
  });

  it('of a table that another program has built or dropped nothing is read; of one that is the same to both, all', async () => {
    const { begin, transaction, put } = await open();
    await put('a');
    const [own, others] = ['hash', 'another'].map((hash) => postgresSnapshots({ begin }, { hashes: new Map([['things', hash]]) })) as [
      Snapshots,
      Snapshots,
    ];
    onTestFinished(() => own.close());
    onTestFinished(() => others.close());
    await transaction(async (connection) => {
      await postgresCatalog.prepareNext(connection, things);
      await postgresCatalog.swapNext(connection, things, 'hash', 1);
    });
    const [shown, refused] = [await own.take(), await others.take()];
    expect(await shown.rows(things, ['a'])).toEqual([undefined]);
    const isRefused = expect.objectContaining({ code: 'SUPERSEDED', retryable: true });
    for (const read of [
      () => refused.row(things, 'a'),
      () => refused.rows(things, ['a']),
      () => refused.count(things, []),
      () => refused.page(things, { conditions: [], orderBy: 'thingId', descending: false, count: 1, fromEnd: false }),
      () => refused.changes(things, { after: { position: 0 }, count: 1 }),
    ])
      await expect((async () => read())()).rejects.toEqual(isRefused);
    for (const snapshot of [shown, refused]) snapshot.release();
  });

  it('has all that is known: where a connection leads to a server that lacks some, the next ones are new; where those do too, it says so', async () => {
    const [old, own] = [await open(), await open()];
    await own.advance(2);
    let [known, leadsTo] = [0, old];
    const renew = vi.fn(() => {
      leadsTo = own;
    });
    const snapshots = postgresSnapshots({ begin: () => leadsTo.begin() }, { written: { known: () => known, renew } });
    onTestFinished(() => snapshots.close());
    const positionTaken = async () => {
      const snapshot = await snapshots.take();
      snapshot.release();
      return snapshot.position;
    };
    expect([await positionTaken(), renew.mock.calls.length]).toEqual([0, 0]);
    known = 2;
    expect([await positionTaken(), renew.mock.calls.length]).toEqual([2, 1]);
    known = 3;
    await expect(positionTaken()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect([old.out(), own.out()]).toEqual([0, 0]);
  });

  describe('a swap of a table', () => {
    /** Begins one; `waits` ends when it waits at the gate, or is through. */
    const swap = ({ transaction, begin, schema }: Awaited<ReturnType<typeof open>>) => {
      let isThrough = false;
      const swapOnce = () =>
        transaction(async (connection) => {
          await postgresCatalog.prepareNext(connection, things);
          await postgresCatalog.swapNext(connection, things, 'hash', 1);
          isThrough = true;
        });
      // On a machine that is busy, a transaction may have tried for as long as it may.
      const isBusy = (fault: unknown) => fault instanceof Error && 'code' in fault && fault.code === '55P03';
      const swapped = (async () => {
        while (!isThrough)
          await swapOnce().catch((fault: unknown) => {
            if (!isBusy(fault)) throw fault;
          });
      })();
      const waits = async () => {
        const watch = await begin();
        const waiting = () =>
          watch.read('SELECT 1 FROM pg_locks WHERE relation = to_regclass($1) AND NOT granted', [`${schema}.read_tables`]);
        await vi.waitFor(async () => expect(isThrough || (await waiting()).length === 1).toBe(true), { timeout: 5_000, interval: 5 });
        watch.end();
      };
      return { swapped, waits, isThrough: () => isThrough };
    };

    it('waits for the moments that have begun, also for those that have not looked at it, and those that come wait for it', async () => {
      const database = await open();
      const { snapshots, put } = database;
      await put('a');
      const before = await snapshots.take();
      const { swapped, waits, isThrough } = swap(database);
      await waits();
      expect(isThrough()).toBe(false);
      expect(await before.rows(things, ['a'])).toEqual([thing('a')]);
      before.release();
      await swapped;
      const after = await snapshots.take();
      expect(await after.count(things, [])).toBe(0);
      after.release();
    });

    it('lets others read while it waits for one who is slow', async () => {
      const database = await open();
      const { snapshots, put } = database;
      await put('a');
      const slow = await snapshots.take();
      const { swapped, waits, isThrough } = swap(database);
      await waits();
      for (let i = 0; i < 5; i++) {
        const other = await snapshots.take();
        expect(await other.count(things, [])).toBe(1);
        other.release();
      }
      expect(isThrough()).toBe(false);
      slow.release();
      await swapped;
    });
  });
});
