import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { codecOf } from '#command';
import { lockRebuild, openBeside, type SqliteStore } from '#eventstore';
import { nextTable, sqliteCatalog } from '#readtable';
import { house, lamps, switchLamp } from './lamps.fixture.ts';
import { open } from './open.ts';
import { logFile } from './place.ts';
import { rebuildTables } from './rebuild.ts';
import { folderStore } from './stores.ts';
import { openWriter } from './writer.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  const beside = { rebuildBesideEventsMax: 5, rebuildBesideRowsBytesMax: 1_000, rebuildBesidePercentMax: 10 };
  return { ...base, limits: { ...base.limits, ...beside, rebuiltLookMs: 20, startCheckEventsMax: 2 } };
});

/** The folder of a log in which each of so many lamps was switched once. */
async function switched(count: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-limits-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const engine = await open(house, folder);
  await Promise.all(Array.from({ length: count }, (_, i) => engine.send(switchLamp, { lampId: `lamp-${i}`, times: 1 })));
  await engine.close();
  return folder;
}

/** One transaction: how many events it read, how long it and what followed it took, and how many rows of the new table were there at its end. */
interface Step {
  readonly begunMs: number;
  endedMs: number;
  events: number;
  rows: number;
}

/** A log that notes its transactions. */
function noting(log: SqliteStore, steps: Step[]): SqliteStore {
  return {
    ...log,
    transaction: async (work) => {
      const step = { begunMs: performance.now(), endedMs: 0, events: 0, rows: 0 };
      steps.push(step);
      try {
        return await log.transaction(async (own) => {
          const read: typeof own.read = async (...asked) => {
            const events = await own.read(...asked);
            step.events += events.length;
            return events;
          };
          const done = await work({ ...own, read });
          const isThere = own.connection.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(nextTable(lamps)) !== undefined;
          step.rows = isThere
            ? Number(
                own.connection
                  .prepare(`SELECT count(*) FROM "${nextTable(lamps)}"`)
                  .pluck()
                  .get(),
              )
            : 0;
          return done;
        });
      } finally {
        step.endedMs = performance.now();
      }
    },
  };
}

test('a rebuild beside a server takes so many events a transaction, so much of the time, and holds so much of the rows', async () => {
  const folder = await switched(40);
  const log = openBeside(logFile(folder));
  onTestFinished(() => log.close());
  const steps: Step[] = [];
  const parts = {
    store: folderStore(noting(log, steps), folder),
    lock: lockRebuild(folder, 'the test'),
    codec: codecOf(house),
    projections: house.projections,
    onRebuild: undefined,
  };
  await rebuildTables(parts, true);
  parts.lock.release();
  const pages = steps.filter(({ events }) => events > 0);
  expect(pages.map(({ events }) => events)).toEqual(Array(8).fill(limits.rebuildBesideEventsMax));
  // After the last page of what was there it has to be faster than those who append.
  for (const [place, { begunMs, endedMs }] of pages.slice(0, -1).entries()) {
    const othersMs = (pages[place + 1]?.begunMs ?? 0) - endedMs;
    // A timer may come a millisecond early.
    expect(othersMs).toBeGreaterThanOrEqual((endedMs - begunMs) * (100 / limits.rebuildBesidePercentMax - 1) - 2);
  }
  // A lamp takes 64 bytes and some hundred of its own.
  const written = pages.map(({ rows }) => rows);
  expect([written.at(0), (written.at(-1) ?? 0) > 0]).toEqual([0, true]);
});

test('that another process has rebuilt a table is seen in time, where no command comes', async () => {
  const folder = await switched(1);
  const onRebuilt = vi.fn();
  const writer = await openWriter(house, { folder }, { onCommit: () => {}, onRebuilt, onSuperseded: () => {}, onBehind: () => {} });
  const beside = openBeside(logFile(folder));
  onTestFinished(async () => {
    await beside.close();
    await writer.close();
  });
  await beside.transaction(({ connection }) => sqliteCatalog.noteRebuilt(connection, lamps, 1));
  await vi.waitFor(() => expect(onRebuilt).toHaveBeenCalledOnce(), { timeout: 5_000, interval: 10 });
});

test('start decodes the newest events alone', async () => {
  const folder = await switched(5);
  const damage = (position: number) => {
    const db = new Database(logFile(folder));
    db.prepare("UPDATE events SET data = '{}' WHERE position = ?").run(position);
    db.close();
  };
  const started = async () => {
    const engine = await open(house, folder);
    await engine.close();
  };
  damage(3);
  await started();
  damage(4);
  await expect(started()).rejects.toMatchObject({ code: 'EVENT_UNKNOWN', message: expect.stringContaining('position 4') });
});
