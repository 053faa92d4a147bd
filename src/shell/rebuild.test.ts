import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { application, expose } from '#application';
import { VarveError } from '#base';
import { decider } from '#decider';
import { events, Id, type Upcaster } from '#event';
import { lockRebuild, openBeside } from '#eventstore';
import { projection } from '#projector';
import { id, table, text } from '#readtable';
import { open } from './open.ts';
import { rebuildTables } from './rebuild.ts';
import { folderStore } from './stores.ts';

/** One table of doors and their colours, in a version of the program that reads older paint by these upcasters. */
function version(...upcasters: readonly Upcaster[]) {
  const door = events('door', { Painted: z.object({ colour: z.string() }) }, { upcasters: { Painted: upcasters } });
  const Door = decider(door)
    .starts({})
    .evolves({ Painted: (state) => state });
  const paint = Door.command('paint', {
    input: z.object({ doorId: Id, colour: z.string() }),
    stream: ({ doorId }) => doorId,
    decide: ({ colour }) => door.Painted({ colour }),
  });
  const doors = table('doors', { doorId: id(), colour: text() }, { key: 'doorId' });
  const rows = projection(doors, [door], { Painted: ({ id: doorId, data: { colour } }, row) => row(doorId).put({ doorId, colour }) });
  return { paint, doors, rows, app: application({ name: 'doors', commands: [paint], shows: [expose(rows, { type: 'Door' })] }) };
}

test('an upcaster that is added changes the rows of old events, by a rebuild at the next start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-rebuild-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [older, newer] = [version(), version(({ colour }) => ({ colour: `light ${String(colour)}` }))];
  const first = await open(older.app, folder);
  await first.send(older.paint, { doorId: 'front', colour: 'red' });
  await first.close();

  const rebuilt: string[] = [];
  const second = await open(newer.app, folder, { onRebuild: (tables) => rebuilt.push(...tables) });
  const snapshot = await second.snapshots.take();
  expect(await snapshot.row(newer.doors, 'front')).toEqual({ doorId: 'front', colour: 'light red' });
  snapshot.release();
  await second.close();
  expect(rebuilt).toEqual(['doors']);
});

test('a rebuild that throws leaves the old table serving, and nothing of a new one, and says which event stopped it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-rebuild-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { app, paint, doors, rows } = version();
  const { send, close, ...engine } = await open(app, folder);
  for (const colour of ['red', 'green']) await send(paint, { doorId: 'front', colour });
  const log = openBeside(join(folder, 'varve.db'));
  const failing = { ...rows, source: rows.source, changes: (event: Parameters<typeof rows.changes>[0]) => rows.changes(strict(event)) };
  const strict = (event: Parameters<typeof rows.changes>[0]) => {
    if (event.position === 2) throw new VarveError({ code: 'BUG', message: 'the paint ran out', hint: 'Buy some.' });
    return event;
  };
  const parts = { store: folderStore(log, folder), lock: lockRebuild(folder, 'the test'), codec: engine.codec, onRebuild: undefined };
  const rebuilding = rebuildTables({ ...parts, projections: [failing] }, true);
  await expect(rebuilding).rejects.toMatchObject({
    code: 'REBUILD_STOPPED',
    message: 'The rebuild was stopped by the event at position 2, Painted: the paint ran out',
    hint: 'The read tables are as they were. Buy some.',
  });
  expect(
    await log.transaction(({ connection }) => connection.prepare("SELECT name FROM sqlite_schema WHERE name GLOB '*__next'").all()),
  ).toEqual([]);
  parts.lock.release();
  await log.close();
  const snapshot = await engine.snapshots.take();
  expect(await snapshot.row(doors, 'front')).toEqual({ doorId: 'front', colour: 'green' });
  snapshot.release();
  await close();
});
