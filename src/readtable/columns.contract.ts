import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limits } from '#base';
import { encode } from './encoding.ts';
import { type Opens, opening } from './pages.fixture.ts';
import { anyThing, type Thing, thing, things } from './rowstore.contract.ts';
import { columnOf } from './table.ts';

/**
 * Which columns the pages of every SQL dialect have. An adapter's test file calls it with a way to open itself.
 *
 * @param numRuns how many random pages are read
 */
export function columnsContract(name: string, opens: Opens, numRuns: number): void {
  const open = async (rows: readonly Thing[]) => {
    const { put, page, close } = await opening(opens);
    await put(...rows);
    const pageOf = async (columns: readonly string[] | undefined, orderBy = 'thingId') => {
      const conditions = [{ column: 'size', is: 'below', value: 2 ** 31 - 1 }] as const;
      return (await page({ conditions, orderBy, descending: false, count: 20, fromEnd: false, ...(columns && { columns }) })).rows;
    };
    return { page: pageOf, close };
  };

  it(`a page in ${name} has the columns that are asked for, its key and its order, as whole rows have them`, async () => {
    const names = Object.keys(things.columns);
    const choices = fc.record({ columns: fc.subarray(names), orderBy: fc.constantFrom('thingId', 'name', 'madeAt') });
    await fc.assert(
      fc.asyncProperty(fc.array(anyThing, { maxLength: 6 }), choices, async (rows, { columns, orderBy }) => {
        const { page, close } = await open(rows);
        const read = names.filter((name) => columns.includes(name) || name === 'thingId' || name === orderBy);
        const whole = await page(undefined, orderBy);
        // Looked at by name: whole rows read their lists then.
        expect(await page(columns, orderBy)).toStrictEqual(whole.map((row) => Object.fromEntries(read.map((name) => [name, row[name]]))));
        await close();
      }),
      { numRuns },
    );
  });

  it(`a list comes along in ${name} up to its limit, in bytes, and not beyond`, async () => {
    const part = { sku: 'é', price: 0 as Thing['price'], madeAt: null, spare: false, tags: [] };
    const bytesOf = (parts: Thing['parts']) => Buffer.byteLength(String(encode(columnOf(things, 'parts'), parts)));
    const missing = limits.listBesideBytesMax - bytesOf([part]);
    const longest = [{ ...part, sku: `${part.sku}${'x'.repeat(missing)}` }];
    const longer = [{ ...part, sku: `${part.sku}é${'x'.repeat(missing - 1)}` }];
    expect(bytesOf(longest)).toBe(limits.listBesideBytesMax);
    const { page, close } = await open([thing('a', { parts: longest }), thing('b', { parts: longer })]);
    expect(await page(['parts'])).toStrictEqual([{ thingId: 'a', parts: longest }, { thingId: 'b' }]);
    expect(await page(['name'])).toStrictEqual(['a', 'b'].map((key) => ({ thingId: key, name: thing(key).name })));
    expect((await page(undefined)).map((row) => row['parts'])).toStrictEqual([longest, longer]);
    await close();
  });
}
