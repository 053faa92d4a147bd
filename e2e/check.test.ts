import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import { databaseFile, withDatabase } from './data-folder.ts';
import { pause, startLoad, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder } from './server-process.ts';
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
    expect([ok, counts, rowsToChange, tables.map(({ state }) => state)]).toEqual([false, { ROW_DIFFERS: 3 }, 0, ['kept']]);
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

describe('varve check', () => {
  const checkAt = (folder: string, ...args: readonly string[]) => runVarve('check', '--data', folder, ...args);

  test('says beside a server under load that nothing will change', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    await stockUp(server.url);
    const load = startLoad(server.url, 1);
    await load.reaches(5);
    const before = load.accepted.length;
    const [words, json] = await Promise.all([checkAt(folder.path), checkAt(folder.path, '--json')]);
    await pause(0);
    expect(load.accepted.length).toBeGreaterThan(before);
    expect([...load.refused, ...load.unanswered]).toEqual([]);
    // In a pipe nothing is drawn.
    expect([words.code, words.err, json.code, json.err]).toEqual([0, '', 0, '']);
    expect(words.out).toContain('and the read table users: stays, with 1 row\n');
    expect(words.out).toContain('Nothing stands in the way; the rebuild changes 0 rows.\n');
    const { tables, ...checked } = JSON.parse(json.out) as Checked;
    expect(checked).toMatchObject({
      ok: true,
      rowsToChange: 0,
      errors: 0,
      warnings: 0,
      counts: {},
      findings: [],
      seconds: expect.any(Number),
    });
    expect(tables.map(({ state }) => state)).toEqual(Array(4).fill('kept'));
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
    await load.ended;
  });

  test('says which rows of stale tables change, and which events stand in the way', async () => {
    using folder = temporaryFolder();
    // Another reader of the program's text, the test's runner, has built them: for a process they are all stale.
    await tradeIn(folder.path);
    withDatabase(folder.path, sql("UPDATE users SET orderCount = 77 WHERE userId = 'ada'; DELETE FROM products WHERE sku = 'heart'"));
    const changing = await checkAt(folder.path);
    expect([changing.code, changing.err]).toEqual([0, '']);
    expect(changing.out).toContain('users: will be rebuilt, with 2 rows: 1 row will change (orderCount 1); 0 come, 0 go\n');
    expect(changing.out).toContain('  the row "ada": orderCount 77 becomes 3\n');
    expect(changing.out).toContain('  the row "heart" comes\n');
    expect(changing.out).toContain('Nothing stands in the way; the rebuild changes 2 rows.\n');
    withDatabase(folder.path, sql("UPDATE events SET type = 'ProductLost' WHERE position = 4"));
    const [words, json] = await Promise.all([checkAt(folder.path), checkAt(folder.path, '--json')]);
    expect([words.code, json.code, words.err]).toEqual([1, 1, '']);
    expect(words.out).toContain('error EVENT_UNREADABLE: The event at position 4, ProductLost version 1, cannot be read');
    expect(words.out).toContain('1 error: mend that first; 1 warning.\n');
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, errors: 1, counts: { EVENT_UNREADABLE: 1 } });
  });

  test('that cannot be done ends with 2, of a damaged file with 1, and says what to do', async () => {
    using folder = temporaryFolder();
    using damaged = temporaryFolder();
    await tradeIn(damaged.path);
    const bytes = readFileSync(databaseFile(damaged.path));
    writeFileSync(databaseFile(damaged.path), bytes.fill(0xff, 4_096));
    const runs = await Promise.all([
      checkAt(folder.path, '--json'),
      checkAt(' '),
      checkAt(folder.path, '--head', '1:'),
      checkAt(damaged.path),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2, 1]);
    expect(runs.map(({ err }) => /NO_LOG|BAD_CONFIGURATION|unknown option|STORAGE_CORRUPT/.exec(err)?.[0])).toEqual([
      ...['NO_LOG', 'BAD_CONFIGURATION', 'unknown option', 'STORAGE_CORRUPT'],
    ]);
    expect(JSON.parse(runs[0]?.out ?? '')).toEqual({ error: { code: 'NO_LOG', message: expect.any(String), hint: expect.any(String) } });
    for (const { err } of runs) expect(err).not.toMatch(/^\s+at /m);
    const { code, out } = await runVarve('check', '--help');
    expect(code).toBe(0);
    for (const words of [/^ +0 +where/m, /^ +1 +where/m, /^ +2 +where/m, 'Example:\n  varve check ']) expect(out).toMatch(words);
  });
});
