import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Decimal } from '#base';
import { type AnyRow, type Condition, cursorOf, type PageRequest, type Selection } from '../index.ts';
import { anyThing, type Thing, thing, things } from '../rowstore.contract.ts';
import { Reader } from './reader.ts';
import { sqliteRows } from './rows.ts';
import { logTables, stand, testFile } from './testing.ts';

type Asked = Omit<PageRequest, 'after' | 'before'> & { readonly after?: AnyRow | undefined; readonly before?: AnyRow | undefined };

/** Things in memory, and a page of them, its cursors given as the rows that they stand at. */
function open() {
  const db = new Database(':memory:');
  db.exec(logTables);
  stand(db, things);
  const reader = new Reader(db);
  return {
    reader,
    close: () => db.close(),
    write: (rows: ReadonlyMap<string, AnyRow | undefined>) => sqliteRows().write(db, things, rows),
    put: (...rows: readonly Thing[]) => sqliteRows().write(db, things, new Map(rows.map((row) => [row.thingId, row]))),
    page: ({ after, before, ...asked }: Asked) =>
      reader.page(things, {
        ...asked,
        ...(after && { after: cursorOf(things, asked, after) }),
        ...(before && { before: cursorOf(things, asked, before) }),
      }),
  };
}

const byKey: Selection = { conditions: [], orderBy: 'thingId', descending: false };
const keysOf = (rows: readonly AnyRow[]) => rows.map((row) => row['thingId']);

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const plain = (value: unknown) => (value instanceof Date ? value.getTime() : typeof value === 'boolean' ? Number(value) : value);

/** The order that pages have: by value, then by key, texts by their UTF-8. */
function compare({ orderBy, descending }: Selection) {
  return (one: AnyRow, other: AnyRow): number => {
    const [a, b] = [plain(one[orderBy]), plain(other[orderBy])];
    const byValue = typeof a === 'string' ? bytes(a, String(b)) : Number(a) - Number(b);
    return (byValue || bytes(String(one['thingId']), String(other['thingId']))) * (descending ? -1 : 1);
  };
}

const conditions: fc.Arbitrary<{ readonly condition: Condition; readonly fits: (row: Thing) => boolean }> = fc.oneof(
  anyThing.map(({ status }) => ({
    condition: { column: 'status', is: 'equal', value: status } as const,
    fits: (row: Thing) => row.status === status,
  })),
  anyThing.map(({ fragile }) => ({
    condition: { column: 'fragile', is: 'equal', value: fragile } as const,
    fits: (row: Thing) => row.fragile === fragile,
  })),
  fc
    .subarray(['', 'Lantern', 'Ä'])
    .map((names) => ({ condition: { column: 'name', is: 'in', value: names } as const, fits: (row: Thing) => names.includes(row.name) })),
  anyThing.map(({ madeAt }) => ({
    condition: { column: 'madeAt', is: 'atLeast', value: madeAt } as const,
    fits: (row: Thing) => row.madeAt >= madeAt,
  })),
  anyThing.map(({ price }) => ({
    condition: { column: 'price', is: 'below', value: price } as const,
    fits: (row: Thing) => row.price < price,
  })),
  fc.constantFrom('LAN', 'n', 'ü').map((value) => ({
    condition: { anyColumn: ['name', 'thingId'], is: 'contains', value } as const,
    fits: (row: Thing) => [row.name, row.thingId].some((text) => text.toLowerCase().includes(value.toLowerCase())),
  })),
);

const selections = fc.record({
  orderBy: fc.constantFrom('thingId', 'name', 'size', 'price', 'madeAt', 'open', 'status'),
  descending: fc.boolean(),
});
const requests = fc.record({
  count: fc.integer({ min: 0, max: 5 }),
  fromEnd: fc.boolean(),
  after: fc.option(anyThing, { nil: undefined }),
  before: fc.option(anyThing, { nil: undefined }),
});

describe('a page', () => {
  it('is what sorting, filtering and cutting all rows gives, with more on either side told truly', () => {
    fc.assert(
      fc.property(
        fc.array(anyThing, { maxLength: 12 }),
        fc.array(conditions, { maxLength: 2 }),
        selections,
        requests,
        (written, asked, order, request) => {
          const { put, page, reader, close } = open();
          put(...written);
          const selection = { ...order, conditions: asked.map(({ condition }) => condition) };
          const inOrder = compare(selection);
          const rows = [...new Map(written.map((row) => [row.thingId, row])).values()]
            .filter((row) => asked.every(({ fits }) => fits(row)))
            .sort(inOrder);
          const { after, before, count, fromEnd } = request;
          const between = rows.filter((row) => (!after || inOrder(row, after) > 0) && (!before || inOrder(row, before) < 0));
          const cut = between.length - Math.min(count, between.length);
          const expected = fromEnd ? between.slice(cut) : between.slice(0, count);
          const found = page({ ...selection, ...request });
          expect(found.rows).toStrictEqual(expected);
          expect(found.hasNextPage).toBe((!fromEnd && cut > 0) || rows.some((row) => before && inOrder(row, before) >= 0));
          expect(found.hasPreviousPage).toBe((fromEnd && cut > 0) || rows.some((row) => after && inOrder(row, after) <= 0));
          expect(reader.count(things, selection.conditions)).toBe(rows.length);
          close();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('follows the other, both ways, no untouched row missing, twice or out of order, whatever is written meanwhile', () => {
    const writes = fc.array(fc.array(fc.tuple(anyThing, fc.boolean()), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(anyThing, { maxLength: 8 }),
        writes,
        selections,
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        (written, writings, order, fromEnd, count) => {
          const { put, page, write, close } = open();
          const still = written.map((row) => ({ ...row, thingId: `still ${row.thingId}` }));
          put(...still, ...written);
          const selection = { ...order, conditions: [] };
          const seen: AnyRow[] = [];
          let more = true;
          for (let turn = 0; more; turn += 1) {
            const { rows, hasNextPage, hasPreviousPage } = page({
              ...selection,
              count,
              fromEnd,
              [fromEnd ? 'before' : 'after']: fromEnd ? seen[0] : seen.at(-1),
            });
            if (fromEnd) seen.unshift(...rows);
            else seen.push(...rows);
            more = fromEnd ? hasPreviousPage : hasNextPage;
            write(new Map((writings[turn] ?? []).map(([row, kept]) => [row.thingId, kept ? row : undefined])));
          }
          const untouched = [...new Map(still.map((row) => [row.thingId, row])).values()].sort(compare(selection));
          expect(seen.filter((row) => String(row['thingId']).startsWith('still'))).toStrictEqual(untouched);
          expect([...seen].sort(compare(selection))).toEqual(seen);
          close();
        },
      ),
      { numRuns: 200 },
    );
  });

  it('goes on after a row that is gone, and in the other direction', () => {
    const { put, page, write, close } = open();
    put(...['a', 'b', 'c'].map((key) => thing(key)));
    write(new Map([['b', undefined]]));
    expect(keysOf(page({ ...byKey, count: 5, fromEnd: false, after: thing('b') }).rows)).toEqual(['c']);
    expect(keysOf(page({ ...byKey, descending: true, count: 5, fromEnd: false, after: thing('b') }).rows)).toEqual(['a']);
    close();
  });

  it('cannot be ordered by what may be null, is a list, or is no column', () => {
    const { page, close } = open();
    const by = (orderBy: string) => () => page({ ...byKey, orderBy, count: 1, fromEnd: false, after: thing('a') });
    expect(by('soldAt')).toThrow('which may be null');
    expect(by('parts')).toThrow('cannot be ordered by its list parts');
    expect(by('nothing')).toThrow('has no column nothing');
    close();
  });
});

describe('a condition', () => {
  it('looks for a text as it is written, ASCII case aside, in any of the columns', () => {
    const { put, page, close } = open();
    put(thing('1', { name: '100% \\_/' }), thing('2', { name: '1000' }), thing('3', { note: 'RED 100%' }));
    const found = (value: string) =>
      keysOf(page({ ...byKey, conditions: [{ anyColumn: ['name', 'note'], is: 'contains', value }], count: 9, fromEnd: false }).rows);
    expect(found('100%')).toEqual(['1', '3']);
    expect(found('_/')).toEqual(['1']);
    expect(found('\\_')).toEqual(['1']);
    expect(found('red')).toEqual(['3']);
    expect(found("'")).toEqual([]);
    close();
  });

  it('compares by value: lists of moments, decimals, truth and null', () => {
    const { put, reader, close } = open();
    put(thing('1', { soldAt: new Date(5), price: -1 as Decimal }), thing('2', { open: false }));
    const count = (condition: Condition) => reader.count(things, [condition]);
    expect(count({ column: 'soldAt', is: 'in', value: [new Date(5), new Date(6)] })).toBe(1);
    expect(count({ column: 'price', is: 'in', value: [-1, 125_000] })).toBe(2);
    expect(count({ column: 'open', is: 'in', value: [false] })).toBe(1);
    expect(count({ column: 'open', is: 'in', value: [] })).toBe(0);
    expect(count({ column: 'soldAt', is: 'equal', value: null })).toBe(1);
    expect(count({ column: 'soldAt', is: 'below', value: new Date(9) })).toBe(1);
    expect(() => count({ column: 'soldAt', is: 'in', value: [null, null] })).toThrow('has a null in it');
    expect(() => count({ column: 'nothing', is: 'equal', value: 1 })).toThrow('no column nothing');
    close();
  });
});

describe('a query plan', () => {
  const made = { orderBy: 'madeAt', descending: true } as const;
  const status: Condition = { column: 'status', is: 'in', value: ['NEW'] };
  const from: Condition = { column: 'madeAt', is: 'atLeast', value: new Date(0) };
  const name = { conditions: [], orderBy: 'name', descending: false };

  it.each<[string, Asked, string]>([
    ['by key', { ...byKey, count: 5, fromEnd: false, after: thing('a') }, 'sqlite_autoindex_things_1 (thingId>?)'],
    ['by key, from the end', { ...byKey, count: 5, fromEnd: true, before: thing('a') }, 'sqlite_autoindex_things_1 (thingId<?)'],
    ['by an indexed column', { ...name, count: 5, fromEnd: false, after: thing('a') }, 'things__a_name ((name,thingId)>(?,?))'],
    [
      'by an indexed column, between cursors',
      { ...name, count: 5, fromEnd: true, after: thing('a'), before: thing('b') },
      'things__a_name ((name,thingId)>(?,?) AND (name,thingId)<(?,?))',
    ],
    [
      'of one value, newest first',
      { ...made, conditions: [status], count: 5, fromEnd: false, after: thing('a') },
      'things__a_status_madeAt (status=? AND (madeAt,thingId)<(?,?))',
    ],
    [
      'of one value and a range',
      { ...made, conditions: [status, from], count: 5, fromEnd: false },
      'things__a_status_madeAt (status=? AND madeAt>?)',
    ],
  ])('%s follows the index and sorts nothing', (_, asked, index) => {
    const { writer, openReader, queries, remove } = testFile(things);
    onTestFinished(remove);
    const reader = new Reader(openReader());
    const { after, before, ...rest } = asked;
    reader.page(things, {
      ...rest,
      ...(after && { after: cursorOf(things, rest, after) }),
      ...(before && { before: cursorOf(things, rest, before) }),
    });
    const plans = queries.map((sql) =>
      writer
        .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail),
    );
    expect(plans[0]).toEqual([`SEARCH things USING INDEX ${index}`]);
    expect(plans.flat().filter((step) => step.includes('TEMP B-TREE') || step.startsWith('SCAN'))).toEqual([]);
    expect(plans).toHaveLength(1 + (after ? 1 : 0) + (before ? 1 : 0));
  });

  it('of rows by key follows the key, for one and for many', () => {
    const { writer, openReader, queries, remove } = testFile(things);
    onTestFinished(remove);
    const reader = new Reader(openReader());
    reader.row(things, 'a');
    reader.rows(things, ['a', 'b']);
    const first = queries.map((sql) => writer.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all()[0]?.detail);
    expect(first).toEqual(Array(2).fill('SEARCH things USING INDEX sqlite_autoindex_things_1 (thingId=?)'));
  });
});

it('prepares each shape of a query once', () => {
  const db = new Database(':memory:');
  onTestFinished(() => {
    db.close();
  });
  db.exec(logTables);
  stand(db, things);
  const reader = new Reader(db);
  const prepare = vi.spyOn(db, 'prepare');
  const ask = (value: readonly string[], count: number) =>
    reader.page(things, { ...byKey, conditions: [{ column: 'name', is: 'in', value }], count, fromEnd: false });
  ask(['a', 'b'], 5);
  ask(['c', 'd', 'e'], 7);
  expect(prepare).toHaveBeenCalledTimes(1);
  ask(['a'], 5);
  ask(['b'], 5);
  expect(prepare).toHaveBeenCalledTimes(2);
});
