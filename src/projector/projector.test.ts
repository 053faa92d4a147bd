import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { limits, VarveError } from '#base';
import { eventCodec, events, type Recorded } from '#event';
import { openMemoryStore } from '#eventstore';
import { type AnyRow, id, instant, int, list, memoryRows, optional, type Table, table, text } from '#readtable';
import { ignore, projection } from './projection.ts';
import { projector } from './projector.ts';
import { rebuild } from './rebuild.ts';

const shelf = events('shelf', {
  Put: z.object({ colour: z.string(), count: z.int() }),
  Grew: z.object({ by: z.int() }),
  Painted: z.object({ from: z.string(), to: z.string() }),
  Gone: z.object({}),
  Broke: z.object({ how: z.enum(['missing', 'key', 'column', 'type', 'mutates', 'many']) }),
  Seen: z.object({}),
});
const shelves = table(
  'shelves',
  { shelfId: id(), colour: text(), count: int(), note: optional(text()), books: list('Book', { title: text() }) },
  { key: 'shelfId', indexes: [['colour']] },
);
const breakers: Readonly<Record<string, (row: AnyRow) => AnyRow>> = {
  key: (row) => ({ ...row, shelfId: 'other' }),
  column: (row) => ({ ...row, height: 5 }),
  type: (row) => ({ ...row, count: 1.5 }),
  mutates: (row) => Object.assign(row, { count: 99 }),
};
const rowsOfShelves = projection(shelves, [shelf], {
  Put: ({ id: shelfId, data }, row) => row(shelfId).put({ shelfId, ...data, note: null, books: [] }),
  Grew: ({ id: shelfId, data: { by } }, row) =>
    row(shelfId).upsert({ shelfId, colour: 'none', count: 0, note: null, books: [] }, (was) => ({ ...was, count: was.count + by })),
  Painted: ({ data: { from, to } }, row) => row.where({ colour: from }).update((was) => ({ ...was, colour: to })),
  Gone: ({ id: shelfId }, row) => [row(shelfId).remove(), row.where({ colour: 'rotten' }).remove()],
  Broke: ({ id: shelfId, data: { how } }, row) => {
    if (how === 'missing') return row('nowhere').update((was) => was);
    if (how === 'many')
      return Array.from({ length: limits.rowsPerCommandMax + 1 }, (_, i) => row(shelfId).update((was) => ({ ...was, count: i })));
    return row(shelfId).update((was) => breakers[how]?.(was) as typeof was);
  },
  Seen: ignore,
});

const codec = eventCodec([shelf]);
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
type ShelfFact = ReturnType<(typeof shelf)[keyof typeof shelf.shapes]>;

function world() {
  const log = openMemoryStore();
  const rows = memoryRows();
  const keeper = projector([rowsOfShelves], rows);
  /** Each list of facts is one command of one transaction; a command that fails is dropped. */
  const commit = (...commands: readonly (readonly [string, ...ShelfFact[]])[]) =>
    log.transaction(async (transaction) => {
      const work = keeper.begin(transaction.connection);
      const faults: unknown[] = [];
      for (const [name, ...facts] of commands) {
        const position = await transaction.position();
        const encoded = facts.map((fact) => ({
          ...codec.encode(fact),
          eventId: 'e',
          stream: `shelf-${name}`,
          metadata,
          recordedAt: new Date(0),
        }));
        const recorded: Recorded[] = encoded.map((event, i) => codec.decode({ ...event, position: position + i + 1, version: 1 }));
        try {
          await work.project(recorded);
          await transaction.append(encoded);
          work.keep();
        } catch (fault) {
          work.drop();
          faults.push(fault);
        }
      }
      await work.flush();
      return faults;
    });
  const all = () => rows.all(shelves).map(({ shelfId, colour, count }) => [shelfId, colour, count]);
  return { log, rows, keeper, commit, all };
}

describe('a projection', () => {
  test('puts, changes, makes where missing, paints by value and removes', async () => {
    const { commit, all } = world();
    await commit(
      ['a', shelf.Put({ colour: 'red', count: 1 })],
      ['b', shelf.Grew({ by: 2 }), shelf.Grew({ by: 3 })],
      ['c', shelf.Put({ colour: 'red', count: 7 })],
    );
    expect(all()).toEqual([
      ['a', 'red', 1],
      ['b', 'none', 5],
      ['c', 'red', 7],
    ]);
    await commit(['x', shelf.Painted({ from: 'red', to: 'blue' })], ['a', shelf.Gone({})]);
    expect(all()).toEqual([
      ['b', 'none', 5],
      ['c', 'blue', 7],
    ]);
  });

  test('finds moments by what they are, not by which object', async () => {
    const log = openMemoryStore();
    const rows = memoryRows();
    const days = table('days', { dayId: id(), on: instant(), count: int() }, { key: 'dayId' });
    const at = () => new Date(5);
    const ofDays = projection(days, [shelf], {
      Put: ({ id: dayId }, row) => [
        row(dayId).put({ dayId, on: at(), count: 0 }),
        row.where({ on: at() }).update((was) => ({ ...was, count: was.count + 1 })),
      ],
      Grew: ignore,
      Painted: ignore,
      Gone: ignore,
      Broke: ignore,
      Seen: ignore,
    });
    const put = shelf.Put({ colour: 'red', count: 1 });
    await log.transaction(async ({ connection }) => {
      const work = projector([ofDays], rows).begin(connection);
      await work.project([
        codec.decode({ ...codec.encode(put), eventId: 'e', stream: 'shelf-a', position: 1, version: 1, metadata, recordedAt: at() }),
      ]);
      work.keep();
      await work.flush();
    });
    expect(rows.all(days).map((row) => row['count'])).toEqual([1]);
  });

  test('finds by value what the same command and the same batch have changed', async () => {
    const { commit, all } = world();
    await commit(['a', shelf.Put({ colour: 'red', count: 1 })]);
    await commit(
      ['b', shelf.Put({ colour: 'red', count: 2 })],
      [
        'c',
        shelf.Put({ colour: 'red', count: 3 }),
        shelf.Painted({ from: 'red', to: 'blue' }),
        shelf.Painted({ from: 'blue', to: 'rotten' }),
      ],
      ['b', shelf.Put({ colour: 'green', count: 2 }), shelf.Painted({ from: 'rotten', to: 'gold' })],
    );
    expect(all()).toEqual([
      ['a', 'gold', 1],
      ['b', 'green', 2],
      ['c', 'gold', 3],
    ]);
  });

  test.each<[Parameters<typeof shelf.Broke>[0]['how'], string]>([
    ['missing', 'which does not exist'],
    ['key', 'gives the row a the key other'],
    ['column', 'which is no column'],
    ['type', 'no fit value for count'],
    ['mutates', 'read only property'],
    ['many', `more than ${limits.rowsPerCommandMax} rows at once`],
  ])('with a bug (%s) is stopped, says so, and leaves its neighbours alone', async (how, message) => {
    const { commit, all } = world();
    await commit(['a', shelf.Put({ colour: 'red', count: 1 })]);
    const faults = await commit(
      ['b', shelf.Grew({ by: 1 })],
      ['a', shelf.Grew({ by: 5 }), shelf.Broke({ how })],
      ['b', shelf.Grew({ by: 1 })],
    );
    expect(faults).toHaveLength(1);
    expect(String(faults[0])).toContain(message);
    // As many rows as users may have orders are no bug: who sent the command hears of the limit.
    if (how === 'many')
      expect(faults[0]).toMatchObject({ code: 'COMMAND_TOO_LARGE', hint: expect.stringContaining('Nothing of it was stored') });
    expect(all()).toEqual([
      ['a', 'red', 1],
      ['b', 'none', 2],
    ]);
  });

  test('answers every event of its catalogues, with whole rows', () => {
    const wrong = (): unknown[] => [
      // @ts-expect-error an event without its answer
      projection(shelves, [shelf], { Put: ignore, Grew: ignore, Painted: ignore, Gone: ignore, Broke: ignore }),
      projection(shelves, [shelf], {
        // @ts-expect-error a row without a column
        Put: ({ id: shelfId }, row) => row(shelfId).put({ shelfId, colour: 'red', count: 1, note: null }),
        Grew: ignore,
        Painted: ignore,
        Gone: ignore,
        Broke: ignore,
        Seen: ignore,
      }),
    ];
    expect(wrong).toBeTypeOf('function');
  });

  test('has a source that changes with its code and its revision, not with its blanks', () => {
    const of = (answer: (event: Recorded) => undefined, revision = 1) =>
      projection(shelves, [shelf], { Put: answer, Grew: ignore, Painted: ignore, Gone: ignore, Broke: ignore, Seen: ignore }, { revision })
        .source;
    expect(of(ignore)).not.toBe(of(({ id: _ }) => undefined));
    expect(of(ignore)).not.toBe(of(ignore, 2));
    expect(of(ignore)).toBe(of(ignore));
    expect(rowsOfShelves.types.has('Seen')).toBe(false);
  });
});

describe('a rebuild', () => {
  const filled = async (count: number) => {
    const made = world();
    for (let i = 0; i < count; i++)
      await made.commit([`s${i % 7}`, shelf.Grew({ by: i })], ['p', shelf.Painted({ from: 'none', to: 'red' })], ['q', shelf.Seen({})]);
    return made;
  };

  test('makes the same rows from the log, page by page, and swaps once', async () => {
    const { log, rows } = await filled(700);
    const next = memoryRows();
    const progress: number[] = [];
    const swaps: number[] = [];
    await rebuild({
      log,
      codec,
      projections: [rowsOfShelves],
      rows: next,
      swap: (_, position) => void swaps.push(position),
      onProgress: ({ done }) => progress.push(done),
    });
    expect(next.all(shelves)).toEqual(rows.all(shelves));
    expect([progress, swaps]).toEqual([[1_000, 2_000, 2_100], [2_100]]);
  });

  test('of an empty log swaps in empty tables', async () => {
    const swaps: number[] = [];
    await rebuild({
      log: openMemoryStore(),
      codec,
      projections: [rowsOfShelves],
      rows: memoryRows(),
      swap: (_, position) => void swaps.push(position),
    });
    expect(swaps).toEqual([0]);
  });

  test('that meets an event it cannot read stops and swaps nothing', async () => {
    const { log } = await filled(1);
    await log.append([
      { eventId: 'e', stream: 'shelf-a', type: 'Melted', schemaVersion: 1, data: '{}', tags: [], metadata, recordedAt: new Date(0) },
    ]);
    const swaps: number[] = [];
    const attempt = rebuild({
      log,
      codec,
      projections: [rowsOfShelves],
      rows: memoryRows(),
      swap: (_, position) => void swaps.push(position),
    });
    await expect(attempt).rejects.toBeInstanceOf(VarveError);
    await expect(attempt).rejects.toMatchObject({ code: 'EVENT_UNKNOWN', message: expect.stringContaining('position 4, Melted') });
    expect(swaps).toEqual([]);
  });
});

test('rows that are remembered are forgotten when a transaction fails', async () => {
  const { log, rows, keeper, commit } = world();
  await commit(['a', shelf.Put({ colour: 'red', count: 1 })]);
  const broken = log.transaction(async ({ connection }) => {
    const work = keeper.begin(connection);
    const grew = codec.decode({
      ...codec.encode(shelf.Grew({ by: 41 })),
      eventId: 'e',
      stream: 'shelf-a',
      position: 2,
      version: 2,
      metadata,
      recordedAt: new Date(0),
    });
    await work.project([grew]);
    work.keep();
    await work.flush();
    throw new Error('the commit failed');
  });
  await expect(broken).rejects.toThrow('the commit failed');
  keeper.forget();
  await commit(['a', shelf.Grew({ by: 1 })]);
  const table: Table = shelves;
  expect(rows.all(table).map((row) => row['count'])).toEqual([2]);
});
