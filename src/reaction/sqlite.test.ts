import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { limits, type Timers } from '#base';
import { openInThread, openSqliteStore, type SqliteStore } from '#eventstore';
import { noteReaction, reactionPositions, sqliteNotes } from './sqlite.ts';
import { ManualTimers, settled } from './world.fixture.ts';

/** A log, and the same as another thread of its process has it. */
function opened(): { readonly log: SqliteStore; readonly beside: SqliteStore } {
  const folder = mkdtempSync(join(tmpdir(), 'varve-notes-'));
  const file = join(folder, 'varve.db');
  const log = openSqliteStore(file);
  const beside = openInThread(file);
  onTestFinished(async () => {
    await beside.close();
    await log.close();
    rmSync(folder, { recursive: true });
  });
  return { log, beside };
}
const positionsIn = (log: SqliteStore) => log.transaction(({ connection }) => [...reactionPositions(connection)]);

test('a reaction that is not known begins where it is told to, one that is known where it was', async () => {
  const { log, beside } = opened();
  const notes = sqliteNotes(beside, new ManualTimers());
  expect([await notes.begin('mail', 7), await notes.begin('mail', 9), await notes.at('mail')]).toEqual([7, 7, 7]);
  expect(await positionsIn(log)).toEqual([['mail', 7]]);
});

test('a note goes forward only, and one of a reaction that is not known leaves nothing', async () => {
  const { log, beside } = opened();
  const timers = new ManualTimers();
  const notes = sqliteNotes(beside, timers);
  await notes.begin('mail', 7);
  for (const [name, position] of [
    ['mail', 9],
    ['mail', 8],
    ['fax', 3],
  ] as const) {
    const noted = notes.note(name, position);
    await timers.pass(60_000);
    await noted;
  }
  expect([await positionsIn(log), await notes.at('mail')]).toEqual([[['mail', 9]], 9]);
  await log.transaction(({ connection }) => noteReaction(connection, 'mail', 12));
  expect(await notes.at('mail')).toBe(12);
});

test('reactions that note at the same time share one transaction, and then leave the log to others for longer than it took', async () => {
  const { beside } = opened();
  const timers = new ManualTimers();
  const pauses: number[] = [];
  const waiting: Timers = {
    after: (ms, call) => {
      pauses.push(ms);
      return timers.after(ms, call);
    },
    every: (ms, call) => timers.every(ms, call),
  };
  let transactions = 0;
  const counting: SqliteStore = {
    ...beside,
    transaction: (work) => {
      transactions += 1;
      return beside.transaction(work);
    },
  };
  const notes = sqliteNotes(counting, waiting);
  for (const name of ['a', 'b', 'c']) await notes.begin(name, 0);
  transactions = 0;
  const begun = performance.now();
  await Promise.all(['a', 'b', 'c'].map((name) => notes.note(name, 1)));
  const took = performance.now() - begun;
  expect(transactions).toBe(1);
  // Of all that it took to write them and to wait: so much at most.
  expect(pauses[0]).toBeGreaterThan(0);
  expect(pauses[0]).toBeLessThanOrEqual(took * (100 / limits.reactionNotesPercentMax - 1));
  const later = ['a', 'b'].map((name) => notes.note(name, 2));
  await settled();
  expect(transactions, 'it pauses').toBe(1);
  await timers.pass(60_000);
  await Promise.all(later);
  expect([transactions, notes.at('a'), notes.at('c')]).toEqual([2, 2, 1]);
});

test('a note that fails is told of, and the next one is tried', async () => {
  const { beside } = opened();
  const timers = new ManualTimers();
  const full = new Error('full');
  const failing = { isFull: true };
  const notes = sqliteNotes(
    { ...beside, transaction: async (work) => (failing.isFull ? Promise.reject(full) : beside.transaction(work)) },
    timers,
  );
  await expect(notes.note('mail', 1)).rejects.toBe(full);
  failing.isFull = false;
  const noted = notes.note('mail', 1);
  await timers.pass(60_000);
  await expect(noted).resolves.toBeUndefined();
});
