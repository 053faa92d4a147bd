import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { application, expose } from '#application';
import { decider } from '#decider';
import { events, Id, type Upcaster } from '#event';
import { projection } from '#projector';
import { id, table, text } from '#readtable';
import { open } from './open.ts';

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
  return { paint, doors, app: application({ name: 'doors', commands: [paint], shows: [expose(rows, { type: 'Door' })] }) };
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
  expect(snapshot.row(newer.doors, 'front')).toEqual({ doorId: 'front', colour: 'light red' });
  snapshot.release();
  await second.close();
  expect(rebuilt).toEqual(['doors']);
});
