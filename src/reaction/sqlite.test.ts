import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { limits, type Timers } from '#base';
import { openInThread, openSqliteStore, type SqliteStore } from '#eventstore';
import type { Lease, ReactionNotes } from './port.ts';
import { sqliteNotes } from './sqlite.ts';
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
const lease = (notes: ReactionNotes, name: string) => Promise.resolve(notes.take(name)) as Promise<Lease>;

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
  const [a, b, c] = await Promise.all([lease(notes, 'a'), lease(notes, 'b'), lease(notes, 'c')]);
  transactions = 0;
  const begun = performance.now();
  await Promise.all([a, b, c].map((one) => one.keep(1, false)));
  const took = performance.now() - begun;
  expect(transactions).toBe(1);
  // Of all that it took to write them and to wait: so much at most.
  expect(pauses[0]).toBeGreaterThan(0);
  expect(pauses[0]).toBeLessThanOrEqual(took * (100 / limits.reactionNotesPercentMax - 1));
  const later = [a, b].map((one) => one.keep(2, false));
  await settled();
  expect(transactions, 'it pauses').toBe(1);
  await timers.pass(60_000);
  expect([await Promise.all(later), transactions, await c.keep(1, true)]).toEqual([[2, 2], 2, 1]);
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
  const mail = await lease(notes, 'mail');
  await expect(mail.keep(1, false)).rejects.toBe(full);
  failing.isFull = false;
  await notes.begin('mail', 0);
  const noted = mail.keep(1, false);
  await timers.pass(60_000);
  expect(await noted).toBe(1);
});
