import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { application, expose } from '#application';
import { decider } from '#decider';
import { events, Id } from '#event';
import { exportPages } from '#eventstore';
import { projection } from '#projector';
import { id, readOnce, table, text } from '#readtable';
import type { Interruption } from './interruption.ts';
import { house, lamps, switchLamp } from './lamps.fixture.ts';
import { type Moved, move } from './move.ts';
import { type Engine, openPlace } from './open.ts';
import { type FolderPlace, logFile, type Place } from './place.ts';
import { describePostgres, newPlace, tamper } from './postgres.fixture.ts';
import { listReactions, skipEvent } from './reactions.ts';
import { openExport, openMoveSource } from './sources.ts';
import { verifyPlace } from './verify.ts';

/** A folder where there is no log, gone when the test is over. */
function newFolder(): FolderPlace {
  const path = mkdtempSync(join(tmpdir(), 'varve-move-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return { folder: join(path, 'data') };
}

async function opened<T>(place: Place, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openPlace(house, place, {});
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

function withFile<T>({ folder }: FolderPlace, work: (db: Database.Database) => T): T {
  const db = new Database(logFile(folder));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** Some switches of three lamps, one commit many. */
const switches = (place: Place, count: number, from = 0) =>
  opened(place, ({ send }) =>
    Promise.all(
      Array.from({ length: count }, (_, i) => send(switchLamp, { lampId: `l${i % 3}`, times: i % 7 }, { commandId: `c${from + i}` })),
    ),
  );

/** A log with all that a log may have: receipts that were forgotten, and one of a command that left no event; reactions. */
async function filled(count = 30): Promise<FolderPlace> {
  const place = newFolder();
  await switches(place, count);
  withFile(place, (db) => {
    db.exec(`DELETE FROM commands WHERE position <= 5; INSERT INTO commands VALUES ('', '', '{"version":0}', 5)`);
    db.exec(`INSERT INTO commands VALUES ('none', 'h', '{"stream":"lamp-l0","version":1}', 9)`);
    db.exec(`INSERT INTO reactions VALUES ('bell', 7), ('mail', ${count})`);
  });
  return place;
}

const sign = events('sign', { Painted: z.object({ words: z.string() }) });
const paint = decider(sign)
  .starts({})
  .evolves({ Painted: (state) => state })
  .command('paint', {
    input: z.object({ signId: Id, words: z.string() }),
    stream: ({ signId }) => signId,
    // No command comes with it any more.
    decide: ({ words }) => sign.Painted({ words: words.replace('NUL', '\0') }),
  });
const signs = table('signs', { signId: id(), words: text() }, { key: 'signId' });
const painted = projection(signs, [sign], { Painted: ({ id: signId, data: { words } }, row) => row(signId).put({ signId, words }) });
/** Signs with any words. */
const street = application({ name: 'street', commands: [paint], shows: [expose(painted, { type: 'Sign' })] });

const never: Interruption = { check: () => undefined };
const moved = (from: Place, to: Place, interruption = never): Promise<Moved> => move(house, { from, to }, () => undefined, interruption);

async function exported(place: Place): Promise<string> {
  const lines: string[] = [];
  for await (const page of exportPages(await openExport(place))) lines.push(...page.lines);
  return lines.join('');
}

const logTables = ['events', 'event_tags', 'commands', 'read_tables', 'changes', 'lamps', 'reactions'];
/** All that is stored, row by row. */
const stored = (place: FolderPlace) =>
  withFile(place, (db) => logTables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).raw().all()));

const changesAfter = (place: Place, position: number) =>
  opened(place, ({ snapshots }) => readOnce(snapshots, (taken) => taken.changes(lamps, { after: { position }, count: 1_000 })));
const rowsIn = (place: Place) => opened(place, ({ snapshots }) => readOnce(snapshots, (taken) => taken.rows(lamps, ['l0', 'l1', 'l2'])));

const fault = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) });

describePostgres('a log that is moved', () => {
  test('to PostgreSQL and back is the same in every byte, with its receipts, tables and journal', async () => {
    const [from, there, back] = [await filled(), newPlace(), newFolder()];
    const head = await moved(from, there);
    expect(head).toEqual({ position: 30, hash: expect.stringMatching(/^[0-9a-f]{64}$/), followed: ['lamps'] });
    expect(await exported(there)).toBe(await exported(from));
    expect(await moved(there, back)).toEqual(head);
    expect(stored(back)).toEqual(stored(from));
    expect(await rowsIn(there)).toEqual(await rowsIn(from));
    // The log that it was copied from stands as it stood.
    expect(await moved(from, newPlace())).toEqual(head);
  });

  test('from before there were hashes has its data in the form that was hashed: there and back it is verified, its head is the same, and so is what is read of it', async () => {
    const [from, there, back] = [await filled(), newPlace(), newFolder()];
    withFile(from, (db) => db.exec("UPDATE events SET data = replace(data, ':', ' : ') WHERE position <= 20"));
    const { head } = await verifyPlace(house, from);
    await moved(from, there);
    await moved(there, back);
    for (const place of [from, there, back]) expect(await verifyPlace(house, place)).toMatchObject({ ok: true, head, findings: [] });
    expect(await exported(there)).toBe(await exported(from));
    const dataIn = (place: FolderPlace) =>
      withFile(place, (db) => db.prepare<[], string>('SELECT data FROM events ORDER BY position').pluck().all());
    expect(dataIn(back)).not.toEqual(dataIn(from));
    expect(dataIn(back)).toEqual(dataIn(from).map((data) => JSON.stringify(JSON.parse(data))));
  });

  test('goes on there: a command that was sent here is known, and the next one follows', async () => {
    const [from, to] = [await filled(), newPlace()];
    await moved(from, to);
    await opened(to, async ({ send }) => {
      expect(await send(switchLamp, { lampId: 'l2', times: 0 }, { commandId: 'c14' })).toMatchObject({ position: 15, replayed: true });
      expect(await send(switchLamp, { lampId: 'l2', times: 1 }, { commandId: 'new' })).toMatchObject({ position: 31, replayed: false });
    });
  });

  test('has its reactions where they were, and none that a server began on the empty log there', async () => {
    const [from, there, back] = [await filled(), newPlace(), newFolder()];
    await Promise.all([switches(there, 0), switches(back, 0)]);
    await tamper(there, "INSERT INTO reactions VALUES ('bell', 0), ('fax', 0)");
    withFile(back, (db) => db.exec("INSERT INTO reactions VALUES ('fax', 0)"));
    const stands = [
      { name: 'bell', position: 7, behind: 23 },
      { name: 'mail', position: 30, behind: 0 },
    ];
    await moved(from, there);
    expect(await listReactions(there)).toEqual(stands);
    expect(await skipEvent(there, 'bell')).toMatchObject({ name: 'bell', position: 8, type: 'Switched' });
    await moved(there, back);
    expect(await listReactions(back)).toEqual([{ name: 'bell', position: 8, behind: 22 }, stands[1]]);
  });

  test('has its changes as far back as they reached', async () => {
    const [from, there, back] = [await filled(), newPlace(), newFolder()];
    withFile(from, (db) => db.exec('DELETE FROM changes WHERE position <= 10; UPDATE read_tables SET journaled_after = 10'));
    await moved(from, there);
    await moved(there, back);
    for (const to of [there, back])
      for (const position of [9, 10, 17, 30]) expect(await changesAfter(to, position)).toEqual(await changesAfter(from, position));
    expect((await changesAfter(there, 10))?.changes).toHaveLength(20);
    expect(await changesAfter(there, 9)).toBeUndefined();
  });

  test('leaves behind the changes of a table that another version of the program built: its rows are others', async () => {
    const [from, to] = [await filled(), newPlace()];
    withFile(from, (db) => db.exec("UPDATE read_tables SET hash = 'x'"));
    expect(await moved(from, to)).toMatchObject({ followed: [] });
    expect(await changesAfter(to, 29)).toBeUndefined();
  });

  test('and broken off anywhere goes on when it is moved again, and is half a log to everybody else until then', async () => {
    const [from, there, back] = [await filled(1_200), newPlace(), newFolder()];
    for (const [one, other] of [
      [from, there],
      [there, back],
    ] as const) {
      const isDone = (steps: number) => {
        let left = steps;
        const check = () => {
          left -= 1;
          if (left < 0) throw new Error('broken off');
        };
        return moved(one, other, { check }).then(
          () => true,
          () => false,
        );
      };
      let steps = 0;
      while (!(await isDone(steps))) {
        await expect(openPlace(house, other, {})).rejects.toEqual(fault('IMPORT_UNFINISHED', 'holds a part of a log'));
        await expect(exported(other)).rejects.toEqual(fault('IMPORT_UNFINISHED'));
        await expect(moved(other, 'url' in other ? newFolder() : newPlace())).rejects.toEqual(fault('IMPORT_UNFINISHED'));
        steps += 1;
      }
      expect(steps).toBeGreaterThan(6);
    }
    expect(stored(back)).toEqual(stored(from));
  }, 120_000);
});

describePostgres('a log is not moved', () => {
  test('where it is not what was stored: the event is named', async () => {
    const [from, there] = [await filled(), newPlace()];
    await moved(from, there);
    withFile(from, (db) => db.exec(`UPDATE events SET data = '{"times":9}' WHERE position = 17`));
    await expect(moved(from, newPlace())).rejects.toEqual(fault('STORAGE_CORRUPT', 'position 17, Switched'));
    await tamper(there, `UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 13`);
    await expect(moved(there, newFolder())).rejects.toEqual(fault('STORAGE_CORRUPT', 'position 13, Switched'));
  });

  test('to where there is one, or a part of another one', async () => {
    const [from, other, there, here] = [await filled(), newFolder(), newPlace(), newFolder()];
    await Promise.all([switches(other, 3), switches(there, 1), switches(here, 1)]);
    const before = await exported(there);
    const source = newPlace();
    await moved(from, source);
    for (const [one, to] of [
      [from, there],
      [source, there],
      [source, here],
    ] as const)
      await expect(moved(one, to)).rejects.toEqual(fault('IMPORT_NOT_EMPTY', '1 events'));
    expect(await exported(there)).toBe(before);
    const half = newPlace();
    let checks = 0;
    await expect(moved(from, half, { check: () => checks++ >= 2 && crash() })).rejects.toThrow('crashed');
    await expect(moved(other, half)).rejects.toEqual(fault('IMPORT_OTHER_LOG'));
  });

  test('from where there is none, to where it is, or while a server has its folder', async () => {
    const [from, to] = [await filled(), newFolder()];
    for (const nowhere of [newFolder(), newPlace()])
      await expect(moved(nowhere, 'url' in nowhere ? to : newPlace())).rejects.toEqual(fault('NO_LOG'));
    for (const same of [from, to, newPlace()])
      await expect(moved('url' in same ? same : from, same)).rejects.toEqual(fault('BAD_CONFIGURATION'));
    await opened(from, () => expect(moved(from, newPlace())).rejects.toEqual(fault('DATA_FOLDER_IN_USE')));
  });

  test('to PostgreSQL where a text of a row has the character that cannot be stored there: the column is named', async () => {
    const from = newFolder();
    const { send, close } = await openPlace(street, from, {});
    for (const words of ['a', 'b NUL']) await send(paint, { signId: 's', words });
    await close();
    const moving = move(street, { from, to: newPlace() }, () => undefined, never);
    await expect(moving).rejects.toEqual(fault('TEXT_NOT_STORABLE', 'A row of signs has the character U+0000 in words'));
  });

  test('without what a server of the database does meanwhile: that one waits', async () => {
    const [there, to] = [newPlace(), newFolder()];
    await switches(there, 30);
    await opened(there, async ({ send }) => {
      const order: string[] = [];
      let sent: Promise<unknown> | undefined;
      const check = () => {
        order.push('step');
        sent ??= send(switchLamp, { lampId: 'l0', times: 1 }).then(() => order.push('sent'));
      };
      expect(await moved(there, to, { check })).toMatchObject({ position: 30 });
      await sent;
      expect(order.indexOf('sent')).toBe(order.length - 1);
      expect(order.length).toBeGreaterThan(3);
    });
  });

  test('where nobody can tell whether it was written to meanwhile', async () => {
    const there = newPlace();
    await switches(there, 3);
    for (const isWritten of [false, true]) {
      const head = await opened(there, ({ log }) => Promise.resolve(log.head()));
      const source = await openMoveSource(there);
      await source.assertUnchanged(head);
      await tamper(
        there,
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'write_lock'::regclass AND mode = 'RowShareLock'`,
      );
      if (isWritten) await switches(there, 1, 3);
      await expect.poll(() => source.assertUnchanged(head).catch((found: unknown) => found)).toEqual(fault('MOVE_SOURCE_CHANGED'));
      await source.close();
    }
  });
});

function crash(): never {
  throw new Error('crashed');
}
