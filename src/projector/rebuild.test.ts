import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { limits } from '#base';
import { eventCodec, events } from '#event';
import { openSqliteStore, type SqliteStore } from '#eventstore';
import { id, int, list, nextTable, sqliteCatalog, sqliteRows, sqliteStanding, table, text } from '#readtable';
import { projection } from './projection.ts';
import { projector } from './projector.ts';
import { rebuild } from './rebuild.ts';

const shelf = events('shelf', {
  Put: z.object({ colour: z.string() }),
  Grew: z.object({ by: z.int() }),
  Painted: z.object({ from: z.string(), to: z.string() }),
  Gone: z.object({}),
  Crowded: z.object({}),
});
const shelves = table(
  'shelves',
  { shelfId: id(), colour: text(), count: int(), books: list('Book', { title: text() }) },
  { key: 'shelfId', indexes: [['colour'], ['count']] },
);
const colours = table('colours', { colour: id(), puts: int() }, { key: 'colour' });
const empty = { count: 0, books: [] };
const projections = [
  projection(shelves, [shelf], {
    Put: ({ id: shelfId, data: { colour } }, row) => row(shelfId).put({ shelfId, colour, ...empty }),
    Grew: ({ id: shelfId, data: { by } }, row) =>
      row(shelfId).upsert({ shelfId, colour: 'none', ...empty }, (was) => ({
        ...was,
        count: was.count + by,
        books: [...was.books, { title: `Volume ${by}` }].slice(-3),
      })),
    Painted: ({ data: { from, to } }, row) => row.where({ colour: from }).update((was) => ({ ...was, colour: to })),
    // Whether it stood or not.
    Gone: ({ id: shelfId }, row) => [
      row(shelfId).upsert({ shelfId, colour: 'none', ...empty }, (was) => was),
      row(shelfId).remove(),
      row.where({ colour: 'rotten' }).remove(),
    ],
    Crowded: (_, row) =>
      Array.from({ length: limits.rowsPerCommandMax + 1 }, (_, i) =>
        row('one').put({ shelfId: 'one', colour: 'red', count: i, books: [] }),
      ),
  }),
  projection(colours, [shelf], {
    Put: ({ data: { colour } }, row) => row(colour).upsert({ colour, puts: 0 }, (was) => ({ ...was, puts: was.puts + 1 })),
    Grew: () => undefined,
    Painted: () => undefined,
    Gone: () => undefined,
    Crowded: () => undefined,
  }),
];
const tables = [shelves, colours];
const codec = eventCodec([shelf]);
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };

type Fact = ReturnType<(typeof shelf)[keyof typeof shelf.shapes]>;
type Event = readonly [shelfId: string, fact: Fact];

const newEvent = ([shelfId, fact]: Event) => ({
  ...codec.encode(fact),
  eventId: 'e',
  stream: `shelf-${shelfId}`,
  metadata,
  recordedAt: new Date(0),
});

/** A log in a file of its own, and a way to keep its tables current. */
async function withStore(work: (log: SqliteStore, commit: (events: readonly Event[]) => Promise<void>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-rebuild-'));
  const log = openSqliteStore(join(folder, 'varve.db'));
  const live = projector(projections, sqliteRows());
  try {
    await log.transaction(async ({ connection }) => {
      for (const one of tables) {
        await sqliteCatalog.prepareNext(connection, one);
        await sqliteCatalog.swapNext(connection, one, 'hash', 0);
      }
    });
    await work(log, (facts) =>
      log.transaction(async ({ connection, append }) => {
        const stored = await append(facts.map(newEvent));
        const step = live.begin(connection);
        await step.project(stored.map(codec.decode));
        step.keep();
        await step.flush();
      }),
    );
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
}

/** What a rebuild makes of the log, and what stands, table by table. */
async function bothOf(log: SqliteStore, rowsBytesMax: number) {
  const read = (name: (one: (typeof tables)[number]) => string) =>
    log.transaction(({ connection }) =>
      Promise.all(tables.map((one) => sqliteStanding(connection).rows({ ...one, name: name(one) }, undefined, 1_000))),
    );
  await log.transaction(async ({ connection }) => {
    for (const one of tables) await sqliteCatalog.prepareNext(connection, one);
  });
  const finish = tables.map((one) => () => log.transaction(({ connection }) => sqliteCatalog.indexNext(connection, one)));
  await rebuild({ log, codec, projections, rows: sqliteCatalog.nextRows(), rowsBytesMax, finish, swap: () => {} });
  return { rebuilt: await read(nextTable), live: await read(({ name }) => name) };
}

const grown = shelf.Grew({ by: 1 });
const colour = fc.constantFrom('red', 'green', 'rotten', 'none');
const event: fc.Arbitrary<Event> = fc.tuple(
  fc.constantFrom('a', 'b', 'c', 'd', 'e', '\u{1F600}', '\uFFFD'),
  fc.oneof(
    colour.map((colour) => shelf.Put({ colour })),
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }).map((by) => shelf.Grew({ by })) },
    fc.tuple(colour, colour).map(([from, to]) => shelf.Painted({ from, to })),
    fc.constant(shelf.Gone({})),
  ),
);

test('rows are those that commits keep, however few a rebuild holds in memory', async () => {
  const commits = fc.array(fc.array(event, { minLength: 1, maxLength: 8 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(commits, fc.integer({ min: 0, max: 4_000 }), (all, rowsBytesMax) =>
      withStore(async (log, commit) => {
        for (const one of all) await commit(one);
        const { rebuilt, live } = await bothOf(log, rowsBytesMax);
        expect(rebuilt).toEqual(live);
      }),
    ),
    { seed: 20101205, numRuns: 60 },
  );
}, 60_000);

test('rows are held in memory up to a bound: where that is far, each is written once, where it is near, sooner', async () => {
  const rounds = 5;
  await withStore(async (log, commit) => {
    for (let round = 0; round < rounds; round++) await commit(['a', 'b', 'c'].map((shelf) => [shelf, grown]));
    const writesWithin = async (rowsBytesMax?: number) => {
      const written: string[] = [];
      const rows = sqliteCatalog.nextRows();
      const noting: typeof rows = {
        ...rows,
        write: (connection, into, writes) => {
          written.push(...writes.keys());
          return rows.write(connection, into, writes);
        },
      };
      await log.transaction(async ({ connection }) => {
        for (const one of tables) await sqliteCatalog.prepareNext(connection, one);
      });
      await rebuild({ log, codec, projections, rows: noting, swap: () => {}, ...(rowsBytesMax !== undefined && { rowsBytesMax }) });
      return written.length;
    };
    expect([await writesWithin(), await writesWithin(100_000), await writesWithin(0)]).toEqual([3, 3, 3 * rounds]);
  });
});

test('takes in what is appended while the tables are finished, and tells of the end alone when they stand', async () => {
  await withStore(async (log, commit) => {
    await commit([['a', shelf.Put({ colour: 'red' })]]);
    await log.transaction(async ({ connection }) => {
      for (const one of tables) await sqliteCatalog.prepareNext(connection, one);
    });
    const told: string[] = [];
    await rebuild({
      log,
      codec,
      projections,
      rows: sqliteCatalog.nextRows(),
      finish: [
        () => {
          told.push('finish');
          void commit([['b', shelf.Put({ colour: 'green' })]]);
        },
      ],
      swap: async (connection, position) => {
        told.push(`swap at ${position}: ${await sqliteStanding(connection).count(nextTable(shelves))}`);
      },
      onProgress: ({ done, total }) => told.push(`${done} of ${total}`),
    });
    expect(told).toEqual(['finish', 'swap at 2: 2', '2 of 2']);
  });
});

test('an event that changes too many rows breaks it off', async () => {
  await withStore(async (log) => {
    await log.append([newEvent(['a', shelf.Crowded({})])]);
    await expect(bothOf(log, 0)).rejects.toMatchObject({
      code: 'REBUILD_STOPPED',
      message: expect.stringContaining('position 1, Crowded'),
      cause: { code: 'COMMAND_TOO_LARGE' },
    });
  });
});

test('a bug of a projection breaks it off, as it does a command', async () => {
  const wrong = projection(colours, [shelf], {
    Put: ({ data: { colour } }, row) => row(colour).update((was) => was),
    Grew: (_, row) => row('red').put({ colour: 'red', puts: 0.5 }),
    Painted: (_, row) => row('red').put({ colour: 'green', puts: 1 }),
    Gone: (_, row) => row('red').upsert({ colour: 'red', puts: 1 }, (was) => Object.assign(was, { puts: 2 })),
    Crowded: (_, row) => row('red').remove(),
  });
  const messages = async (...facts: readonly Fact[]) => {
    let message = '';
    await withStore(async (log) => {
      await log.append(facts.map((fact) => newEvent(['a', fact])));
      await log.transaction(({ connection }) => sqliteCatalog.prepareNext(connection, colours));
      await rebuild({ log, codec, projections: [wrong], rows: sqliteCatalog.nextRows(), swap: () => {} }).catch((fault: Error) => {
        message = fault.message;
      });
    });
    return message;
  };
  expect(await messages(shelf.Put({ colour: 'red' }))).toContain('changes the row red, which does not exist');
  expect(await messages(shelf.Grew({ by: 1 }))).toContain('no fit value for puts: 0.5');
  expect(await messages(shelf.Painted({ from: 'a', to: 'b' }))).toContain('gives the row red the key green');
  expect(await messages(shelf.Crowded({}))).toContain('changes the row red, which does not exist');
  // The second time the row is one that stands.
  expect(await messages(shelf.Gone({}), shelf.Gone({}))).toContain('read only property');
});
