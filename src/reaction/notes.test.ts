import { describe, expect, onTestFinished, test } from 'vitest';
import { type Awaitable, limits, type SqlReads } from '#base';
import { newEvent } from '../eventstore/events.fixture.ts';
import { startPooler } from '../eventstore/postgres/pooler.fixture.ts';
import { describePostgres, logsOfTest, newLog, testUrl } from '../eventstore/postgres/postgres.fixture.ts';
import { MemoryNotebook, type Notebook, postgresNotebook, sqliteNotebook } from './notebook.fixture.ts';
import type { Lease, ReactionNotes } from './port.ts';
import { passOver, postgresNotes, postgresReactions } from './postgres.ts';
import { ManualTimers } from './world.fixture.ts';

const time = new ManualTimers();

async function taken(notes: ReactionNotes, name: string): Promise<Lease> {
  const lease = await notes.take(name);
  if (!('keep' in lease)) throw new Error(`another process has the lease of ${name}`);
  return lease;
}

/** What notes of every store hold to. */
function contract(open: () => Awaitable<Notebook>): void {
  test('a reaction that is not known begins where it is told to, one that is known where it was', async () => {
    const notebook = await open();
    const notes = notebook.open(time);
    await notes.begin('mail', 7);
    await notes.begin('mail', 9);
    expect([[...(await notebook.positions())], (await taken(notes, 'mail')).position]).toEqual([[['mail', 7]], 7]);
  });

  test('a note goes forward only, whoever noted more, and is that of its own reaction', async () => {
    const notebook = await open();
    const notes = notebook.open(time);
    for (const name of ['fax', 'mail']) await notes.begin(name, 7);
    const mail = await taken(notes, 'mail');
    const kept: number[] = [];
    for (const position of [9, 8, 9]) {
      const keeping = mail.keep(position, false);
      await time.pass(60_000);
      kept.push(await keeping);
    }
    expect([kept, Object.fromEntries(await notebook.positions())]).toEqual([[9, 9, 9], { fax: 7, mail: 9 }]);
    await mail.release();
    expect((await taken(notes, 'mail')).position).toBe(9);
  });
}

/** What they hold to where any number of processes may have the log. */
function sharedContract(open: () => Awaitable<Notebook>): void {
  test('one process has a lease at a time: for as long as it keeps it, or until it lets go of it', async () => {
    const notebook = await open();
    const [one, other] = [notebook.open(time), notebook.open(time)];
    await one.begin('mail', 0);
    const first = await taken(one, 'mail');
    await first.keep(3, false);
    await notebook.pass(limits.reactionLeaseMs / 2);
    expect(await other.take('mail')).toEqual({ name: 'mail', position: 3, failing: false });
    await first.keep(4, false);
    await notebook.pass(limits.reactionLeaseMs / 2);
    expect(await other.take('mail')).toEqual({ name: 'mail', position: 4, failing: false });
    await notebook.pass(limits.reactionLeaseMs / 2);
    const second = await taken(other, 'mail');
    expect([second.position, await one.take('mail')]).toEqual([4, { name: 'mail', position: 4, failing: false }]);
    await second.release();
    expect(await taken(one, 'mail')).toMatchObject({ position: 4 });
  });

  test('one that was lost is good for nothing any more, whoever has it then, or nobody', async () => {
    const notebook = await open();
    const notes = notebook.open(time);
    await notes.begin('mail', 0);
    const first = await taken(notes, 'mail');
    await notebook.pass(limits.reactionLeaseMs);
    const second = await taken(notes, 'mail');
    const lost = { code: 'REACTION_LEASE_LOST', message: expect.stringContaining('mail') };
    const keep = async (position: number) => first.keep(position, false);
    await expect(keep(5)).rejects.toMatchObject(lost);
    await first.release();
    expect(await second.keep(2, false)).toBe(2);
    await second.release();
    for (const position of [0, 5]) await expect(keep(position)).rejects.toMatchObject(lost);
    expect([...(await notebook.positions())]).toEqual([['mail', 2]]);
  });
}

describe('notes in memory, as tests have them', () => {
  contract(() => new MemoryNotebook());
  sharedContract(() => new MemoryNotebook());
});

describe('notes in a file', () => contract(sqliteNotebook));

describePostgres('notes in a database', () => {
  const notebook = async () => postgresNotebook((await logsOfTest().open()).sql);
  contract(notebook);
  sharedContract(notebook);

  const opened = async (now?: () => number) => {
    const log = await logsOfTest().open();
    return { log, sql: log.sql, notes: postgresNotes(log.sql, now) };
  };
  const leasedFor = async (sql: SqlReads) =>
    (
      await sql.read<readonly [number]>(
        `SELECT extract(epoch FROM leased_until - clock_timestamp())::float8 * 1000 FROM ${sql.schema}.reactions`,
      )
    )[0]?.[0];

  test('say to all processes whether what was tried last has failed', async () => {
    const { notes } = await opened();
    await notes.begin('mail', 0);
    const first = await taken(notes, 'mail');
    for (const failing of [true, false]) {
      await first.keep(0, failing);
      expect(await notes.take('mail')).toEqual({ name: 'mail', position: 0, failing });
    }
  });

  test('are written where there is something to be noted, and each third of a lease', async () => {
    let now = 0;
    const { sql, notes } = await opened(() => now);
    await notes.begin('mail', 0);
    const first = await taken(notes, 'mail');
    const version = async () => (await sql.read(`SELECT xmin::text FROM ${sql.schema}.reactions`))[0]?.[0];
    const written: boolean[] = [];
    const third = limits.reactionLeaseMs / 3;
    for (const [position, after] of [
      [0, 1],
      [1, 1],
      [1, third / 2],
      [1, third],
      [1, 1],
    ] as const) {
      now += after;
      const before = await version();
      await first.keep(position, false);
      written.push((await version()) !== before);
    }
    expect(written).toEqual([false, true, false, true, false]);
  });

  test('go by the clock of the database: a lease that another clock gave, and that is further off than any, holds nobody up', async () => {
    const { sql, notes } = await opened();
    await notes.begin('mail', 0);
    const first = await taken(notes, 'mail');
    expect(await leasedFor(sql)).toBeLessThanOrEqual(limits.reactionLeaseMs);
    await sql.read(`UPDATE ${sql.schema}.reactions SET leased_until = leased_until + interval '10 minutes'`);
    await taken(notes, 'mail');
    await expect(first.keep(1, false)).rejects.toMatchObject({ code: 'REACTION_LEASE_LOST' });
    expect(await leasedFor(sql)).toBeLessThanOrEqual(limits.reactionLeaseMs);
  });

  test('are durable before they are answered, whatever is set for the role', async () => {
    const url = new URL(testUrl());
    url.searchParams.set('options', '-c synchronous_commit=off');
    const { sql } = await logsOfTest().open({ url: url.href });
    const [isOff] = await sql.read("SELECT current_setting('synchronous_commit')");
    const set: unknown[] = [];
    const notes = postgresNotes({
      schema: sql.schema,
      read: async (text, values) => {
        const rows = await sql.read(text, values);
        set.push(rows[0]?.at(-1));
        return rows as never;
      },
    });
    await notes.begin('mail', 0);
    await (await taken(notes, 'mail')).keep(1, false);
    expect([isOff, set]).toEqual([['off'], ['on', 'on', 'on']]);
  });

  test('need nothing of a session: a pooler in transaction mode that forgets all of it will do', async () => {
    const pooler = await startPooler(testUrl(), 2);
    onTestFinished(() => pooler[Symbol.asyncDispose]());
    const { sql } = await logsOfTest().open({ url: pooler.url, log: newLog() });
    const notes = postgresNotes(sql);
    /** That a prepared statement is gone with its session is found out once. */
    const steady = async <T>(work: () => Awaitable<T>) => {
      for (let tries = 1; ; tries++)
        try {
          return await work();
        } catch (fault) {
          expect(fault).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
          expect(tries).toBe(1);
        }
    };
    await steady(() => notes.begin('mail', 0));
    const first = await steady(() => taken(notes, 'mail'));
    for (const position of [1, 2, 3]) expect(await steady(() => first.keep(position, false))).toBe(position);
    expect(await steady(() => notes.take('mail'))).toEqual({ name: 'mail', position: 3, failing: false });
  });

  test('know when an operator has a reaction pass over an event, and have it do so once at a time', async () => {
    const { log, sql, notes } = await opened();
    await log.append(['a', 'b'].map((stream) => newEvent(stream)));
    await notes.begin('mail', 0);
    const first = await taken(notes, 'mail');
    expect([await passOver(sql, 'mail'), await first.keep(0, true), await first.keep(0, true)]).toEqual([1, 1, 1]);
    expect([await passOver(sql, 'mail'), await passOver(sql, 'mail'), await passOver(sql, 'fax')]).toEqual([2, undefined, undefined]);
    expect(await first.keep(1, false)).toBe(2);
  });

  test('that are gone, for another log was taken in there, end the lease, and none is taken', async () => {
    const { log, sql, notes } = await opened();
    await notes.begin('mail', 0);
    const first = await taken(notes, 'mail');
    await log.transaction(({ connection }) => postgresReactions.put(connection, new Map([['fax', 9]])));
    await expect(first.keep(0, false)).rejects.toMatchObject({ code: 'REACTION_LEASE_LOST' });
    await expect(taken(notes, 'mail')).rejects.toMatchObject({ code: 'REACTION_FORGOTTEN' });
    expect([...(await postgresReactions.positions(sql))]).toEqual([['fax', 9]]);
  });
});
