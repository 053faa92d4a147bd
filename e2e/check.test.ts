import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { shop } from '#shop';
import {
  application,
  type Checked,
  check,
  decider,
  events,
  Id,
  id,
  int,
  limits,
  open,
  type Projection,
  projection,
  table,
  text,
} from '#varve';
import { withDatabase } from './data-folder.ts';
import { temporaryFolder } from './server-process.ts';
import { sql } from './tamper.ts';
import { tradeIn } from './trade.ts';

vi.setConfig({ testTimeout: 60_000 });

const painted = z.object({ colour: z.string() });
type Change = (colour: string) => string;

/** The events of doors and the command that writes them, in one version of a program. */
function doorsOf(
  shape: z.ZodObject = painted,
  ...upcasters: readonly ((data: Readonly<Record<string, unknown>>) => Record<string, unknown>)[]
) {
  const door = events('door', { Painted: shape as typeof painted }, { upcasters: { Painted: upcasters } });
  const Door = decider(door)
    .starts({})
    .evolves({ Painted: (state) => state });
  const paint = Door.command('paint', {
    input: z.object({ doorId: Id, colour: z.string() }),
    stream: ({ doorId }) => doorId,
    decide: ({ colour }) => door.Painted({ colour }),
  });
  return { door, paint };
}

type Doors = ReturnType<typeof doorsOf>;
const columns = { doorId: id(), colour: text() };

/** The doors as they are; what the projection calls may differ without its own text. */
const doorRows = ({ door }: Doors, change: Change = (colour) => colour) =>
  projection(table('doors', columns, { key: 'doorId' }), [door], {
    Painted: ({ id: doorId, data: { colour } }, row) => row(doorId).put({ doorId, colour: change(colour) }),
  });

const programOf = ({ paint }: Doors, ...projections: readonly Projection[]) =>
  application({ name: 'doors', commands: [paint], shows: [], hidden: projections });

const released = doorsOf();
const colours = { back: 'red', front: 'green', side: 'red' };

/** A folder that the released version has painted three doors in, checked by another version. */
async function checkedBy(program: Parameters<typeof check>[0], tamper = ''): Promise<Checked> {
  using folder = temporaryFolder();
  const engine = await open(programOf(released, doorRows(released)), folder.path);
  for (const [doorId, colour] of Object.entries(colours)) await engine.send(released.paint, { doorId, colour });
  await engine.close();
  withDatabase(folder.path, sql(tamper));
  return await check(program, folder.path);
}

test('a folder is what the version that wrote it left, and is not touched', async () => {
  using folder = temporaryFolder();
  await tradeIn(folder.path);
  const files = () => readdirSync(folder.path).map((name) => [name, readFileSync(join(folder.path, name), 'latin1')]);
  const before = files();
  const steps = new Set<string>();
  const checked = await check(shop, folder.path, { onProgress: ({ step }) => steps.add(step) });
  expect(checked).toMatchObject({ ok: true, head: { position: 15 }, rowsToChange: 0, errors: 0, warnings: 0, counts: {}, findings: [] });
  expect(checked.tables.map(({ name, state, total }) => [name, state, total])).toEqual([
    ['users', 'kept', 2],
    ['products', 'kept', 2],
    ['orders', 'kept', 8],
    ['daily_sales', 'kept', 1],
  ]);
  expect([...steps]).toEqual(['events', 'rows']);
  expect(files()).toEqual(before);
});

describe('a version that reads or projects otherwise', () => {
  test('has its rows that change told, and a start changes just them', async () => {
    using folder = temporaryFolder();
    const light = doorsOf(painted, ({ colour }) => ({ colour: colour === 'red' ? 'pink' : colour }));
    const [older, newer] = [programOf(released, doorRows(released)), programOf(light, doorRows(light))];
    const engine = await open(older, folder.path);
    for (const [doorId, colour] of Object.entries(colours)) await engine.send(released.paint, { doorId, colour });
    await engine.close();
    const { ok, tables, rowsToChange } = await check(newer, folder.path);
    expect([ok, rowsToChange]).toEqual([true, 2]);
    const pink = { kind: 'changed', column: 'colour', before: 'red', after: 'pink' };
    const rows = ['back', 'side'].map((key) => ({ ...pink, key }));
    const none = { added: 0, removed: 0, columnsLost: [], columnsNew: [] };
    expect(tables).toEqual([{ ...none, name: 'doors', state: 'rebuilt', total: 3, changed: 2, byColumn: { colour: 2 }, rows }]);
    await (await open(newer, folder.path)).close();
    expect(await check(newer, folder.path)).toMatchObject({ ok: true, rowsToChange: 0, tables: [{ state: 'kept' }] });
    // The older version, on the other hand, is of no use any more: what it would not see is what a newer one wrote.
    const later = await open(newer, folder.path);
    await later.send(light.paint, { doorId: 'attic', colour: 'blue' });
    await later.close();
    expect(await check(older, folder.path)).toMatchObject({ ok: false, counts: { EVENT_UNREADABLE: 1 } });
  });

  test('has rows that come and go, and columns', async () => {
    const counted = projection(
      table('doors', { doorId: id(), coats: int() }, { key: 'doorId' }),
      [released.door],
      // Doors of another colour than green go by their colour.
      {
        Painted: ({ id: doorId, data: { colour } }, row) =>
          row(colour === 'green' ? doorId : colour).upsert({ doorId: colour === 'green' ? doorId : colour, coats: 1 }, (was) => ({
            ...was,
            coats: was.coats + 1,
          })),
      },
    );
    const { ok, tables, rowsToChange } = await checkedBy(programOf(released, counted));
    expect([ok, rowsToChange]).toEqual([true, 3]);
    expect(tables).toMatchObject([
      { state: 'rebuilt', total: 2, changed: 0, added: 1, removed: 2, columnsLost: ['colour'], columnsNew: ['coats'] },
    ]);
    expect(tables[0]?.rows).toEqual([
      { kind: 'removed', key: 'back' },
      { kind: 'added', key: 'red' },
      { kind: 'removed', key: 'side' },
    ]);
  });

  test('has tables that are new, are dropped, or have another key', async () => {
    const byColour = (name: string) =>
      projection(table(name, { paint: id(), doors: int() }, { key: 'paint' }), [released.door], {
        Painted: ({ data: { colour } }, row) =>
          row(colour).upsert({ paint: colour, doors: 1 }, (was) => ({ ...was, doors: was.doors + 1 })),
      });
    const other = await checkedBy(programOf(released, byColour('paints')));
    expect(other.tables).toMatchObject([
      { name: 'paints', state: 'new', total: 2, added: 2 },
      { name: 'doors', state: 'dropped', total: 0, removed: 3 },
    ]);
    expect([other.ok, other.rowsToChange]).toEqual([true, 5]);
    const { tables } = await checkedBy(programOf(released, byColour('doors')));
    expect(tables).toMatchObject([
      { state: 'rebuilt', added: 2, removed: 3, changed: 0, columnsLost: ['doorId', 'colour'], columnsNew: ['paint', 'doors'] },
    ]);
    expect((await checkedBy(programOf(released, doorRows(released)), 'DROP TABLE doors')).tables).toMatchObject([
      { state: 'new', added: 3 },
    ]);
  });

  test('has many rows counted, and the first told', async () => {
    const { tables } = await checkedBy(
      programOf(released, doorRows(released)),
      `UPDATE read_tables SET hash = 'x'; DELETE FROM doors; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
       INSERT INTO doors (doorId, colour) SELECT 'x' || i, 'red' FROM n`,
    );
    expect(tables).toMatchObject([{ added: 3, removed: 50 }]);
    expect(tables[0]?.rows).toHaveLength(3 + limits.findingsShownMax);
  });
});

describe('in the way of a deployment stands', () => {
  test('every event that it cannot read, by its position', async () => {
    const strict = doorsOf(z.object({ colour: z.enum(['green']) }));
    const { ok, counts, findings, tables, rowsToChange } = await checkedBy(programOf(strict, doorRows(strict)));
    expect([ok, counts, rowsToChange]).toEqual([false, { EVENT_UNREADABLE: 2 }, 0]);
    expect(findings).toMatchObject([
      { level: 'error', position: 1, stream: 'door-back' },
      { level: 'error', position: 3, stream: 'door-side' },
    ]);
    expect(tables.map(({ state }) => state)).toEqual(['not compared']);
    const required = doorsOf(z.object({ colour: z.string(), coats: z.int() }));
    expect((await checkedBy(programOf(required, doorRows(required)))).counts).toEqual({ EVENT_UNREADABLE: 3 });
    expect((await checkedBy(shop)).counts).toEqual({ EVENT_UNREADABLE: 3 });
  });

  test('an upcaster or a projection that throws, by position', async () => {
    const broken: Change = (colour) => {
      if (colour === 'green') throw new Error('no green any more');
      return colour;
    };
    const upcast = doorsOf(painted, ({ colour }) => ({ colour: broken(String(colour)) }));
    expect(await checkedBy(programOf(upcast, doorRows(upcast)))).toMatchObject({ findings: [{ code: 'EVENT_UNREADABLE', position: 2 }] });
    const { ok, findings, tables } = await checkedBy(programOf(released, doorRows(released, broken)));
    expect(findings).toMatchObject([{ code: 'REBUILD_STOPPED', position: 2, message: expect.stringContaining('no green any more') }]);
    expect([ok, tables.map(({ state }) => state)]).toEqual([false, ['not compared']]);
  });

  test('a table that a start keeps, though its projection calls what has changed', async () => {
    const { ok, counts, tables, rowsToChange } = await checkedBy(
      programOf(
        released,
        doorRows(released, (colour) => colour.toUpperCase()),
      ),
    );
    expect([ok, counts, rowsToChange, tables.map(({ state }) => state)]).toEqual([false, { ROW_DIFFERS: 3 }, 0, ['differs']]);
  });

  test('a table that has the name of what is no read table', async () => {
    const taken = projection(table('commands', columns, { key: 'doorId' }), [released.door], {
      Painted: ({ id: doorId, data: { colour } }, row) => row(doorId).put({ doorId, colour }),
    });
    expect((await checkedBy(programOf(released, taken))).counts).toEqual({ TABLE_NAME_TAKEN: 1 });
  });

  test('nothing that a start lives with: a broken chain is a warning', async () => {
    const program = programOf(released, doorRows(released));
    const { ok, warnings, counts } = await checkedBy(program, "UPDATE events SET event_id = 'mine' WHERE position = 2");
    expect([ok, warnings, counts]).toEqual([true, 1, { CHAIN_BROKEN: 1 }]);
  });
});
