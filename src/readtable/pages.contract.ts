import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decimal } from '#base';
import { type Opens, opening } from './pages.fixture.ts';
import type { Condition, Selection } from './read.ts';
import { anyThing, type Thing, thing, things } from './rowstore.contract.ts';
import type { AnyRow } from './table.ts';

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

/**
 * What the pages of every SQL dialect keep to. An adapter's test file calls it with a way to open itself.
 *
 * @param numRuns how many random pages are read
 */
export function pagesContract(name: string, opens: Opens, numRuns: number): void {
  const open = () => opening(opens);
  describe(`a page in ${name}`, () => {
    it('is what sorting, filtering and cutting all rows gives, with more on either side told truly', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyThing, { maxLength: 12 }),
          fc.array(conditions, { maxLength: 2 }),
          selections,
          requests,
          async (written, asked, order, request) => {
            const { put, page, reads, close } = await open();
            await put(...written);
            const selection = { ...order, conditions: asked.map(({ condition }) => condition) };
            const inOrder = compare(selection);
            const rows = [...new Map(written.map((row) => [row.thingId, row])).values()]
              .filter((row) => asked.every(({ fits }) => fits(row)))
              .sort(inOrder);
            const { after, before, count, fromEnd } = request;
            const between = rows.filter((row) => (!after || inOrder(row, after) > 0) && (!before || inOrder(row, before) < 0));
            const cut = between.length - Math.min(count, between.length);
            const expected = fromEnd ? between.slice(cut) : between.slice(0, count);
            const found = await page({ ...selection, ...request });
            expect(found.rows).toStrictEqual(expected);
            expect(found.hasNextPage).toBe((!fromEnd && cut > 0) || rows.some((row) => before && inOrder(row, before) >= 0));
            expect(found.hasPreviousPage).toBe((fromEnd && cut > 0) || rows.some((row) => after && inOrder(row, after) <= 0));
            expect(await reads.count(things, selection.conditions)).toBe(rows.length);
            await close();
          },
        ),
        { numRuns },
      );
    });

    it('follows the other, both ways, no untouched row missing, twice or out of order, whatever is written meanwhile', async () => {
      const writes = fc.array(fc.array(fc.tuple(anyThing, fc.boolean()), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyThing, { maxLength: 8 }),
          writes,
          selections,
          fc.boolean(),
          fc.integer({ min: 1, max: 3 }),
          async (written, writings, order, fromEnd, count) => {
            const { put, page, write, close } = await open();
            const still = written.map((row) => ({ ...row, thingId: `still ${row.thingId}` }));
            await put(...still, ...written);
            const selection = { ...order, conditions: [] };
            const seen: AnyRow[] = [];
            let more = true;
            for (let turn = 0; more; turn += 1) {
              const { rows, hasNextPage, hasPreviousPage } = await page({
                ...selection,
                count,
                fromEnd,
                [fromEnd ? 'before' : 'after']: fromEnd ? seen[0] : seen.at(-1),
              });
              if (fromEnd) seen.unshift(...rows);
              else seen.push(...rows);
              more = fromEnd ? hasPreviousPage : hasNextPage;
              await write(new Map((writings[turn] ?? []).map(([row, kept]) => [row.thingId, kept ? row : undefined])));
            }
            const untouched = [...new Map(still.map((row) => [row.thingId, row])).values()].sort(compare(selection));
            expect(seen.filter((row) => String(row['thingId']).startsWith('still'))).toStrictEqual(untouched);
            expect([...seen].sort(compare(selection))).toEqual(seen);
            await close();
          },
        ),
        { numRuns },
      );
    });

    it('goes on after a row that is gone, and in the other direction', async () => {
      const { put, page, write, close } = await open();
      await put(...['a', 'b', 'c'].map((key) => thing(key)));
      await write(new Map([['b', undefined]]));
      expect(keysOf((await page({ ...byKey, count: 5, fromEnd: false, after: thing('b') })).rows)).toEqual(['c']);
      expect(keysOf((await page({ ...byKey, descending: true, count: 5, fromEnd: false, after: thing('b') })).rows)).toEqual(['a']);
      await close();
    });

    it('cannot be ordered by what may be null, is a list, or is no column', async () => {
      const { page, close } = await open();
      const by = async (orderBy: string) => page({ ...byKey, orderBy, count: 1, fromEnd: false, after: thing('a') });
      await expect(by('soldAt')).rejects.toThrow('which may be null');
      await expect(by('parts')).rejects.toThrow('cannot be ordered by its list parts');
      await expect(by('nothing')).rejects.toThrow('has no column nothing');
      await close();
    });
  });

  describe(`a condition in ${name}`, () => {
    it('looks for a text as it is written, ASCII case aside, in any of the columns', async () => {
      const { put, page, close } = await open();
      await put(thing('1', { name: '100% \\_/' }), thing('2', { name: '1000' }), thing('3', { note: 'RED 100%' }));
      const conditionsOf = (value: string): readonly Condition[] => [{ anyColumn: ['name', 'note'], is: 'contains', value }];
      const found = async (value: string) =>
        keysOf((await page({ ...byKey, conditions: conditionsOf(value), count: 9, fromEnd: false })).rows);
      expect(await found('100%')).toEqual(['1', '3']);
      expect(await found('_/')).toEqual(['1']);
      expect(await found('\\_')).toEqual(['1']);
      expect(await found('red')).toEqual(['3']);
      expect(await found("'")).toEqual([]);
      await close();
    });

    it('compares by value: lists of moments, decimals, truth and null', async () => {
      const { put, reads, close } = await open();
      await put(thing('1', { soldAt: new Date(5), price: -1 as Decimal }), thing('2', { open: false }));
      const count = async (condition: Condition) => reads.count(things, [condition]);
      expect(await count({ column: 'soldAt', is: 'in', value: [new Date(5), new Date(6)] })).toBe(1);
      expect(await count({ column: 'price', is: 'in', value: [-1, 125_000] })).toBe(2);
      expect(await count({ column: 'open', is: 'in', value: [false] })).toBe(1);
      expect(await count({ column: 'open', is: 'in', value: [] })).toBe(0);
      expect(await count({ column: 'soldAt', is: 'equal', value: null })).toBe(1);
      expect(await count({ column: 'soldAt', is: 'below', value: new Date(9) })).toBe(1);
      await expect(count({ column: 'soldAt', is: 'in', value: [null, null] })).rejects.toThrow('has a null in it');
      await expect(count({ column: 'nothing', is: 'equal', value: 1 })).rejects.toThrow('no column nothing');
      await close();
    });
  });
}
