import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limits } from '#base';
import { encode } from '../encoding.ts';
import { anyThing, type Thing, thing, things } from '../rowstore.contract.ts';
import { columnOf } from '../table.ts';
import { Reader } from './reader.ts';
import { sqliteRows } from './rows.ts';
import { logTables, stand } from './testing.ts';

function open(rows: readonly Thing[]) {
  const db = new Database(':memory:');
  db.exec(logTables);
  stand(db, things);
  sqliteRows().write(db, things, new Map(rows.map((row) => [row.thingId, row])));
  const reader = new Reader(db);
  return {
    page: (columns: readonly string[] | undefined, orderBy = 'thingId') =>
      reader.page(things, {
        conditions: [{ column: 'size', is: 'below', value: 2 ** 31 - 1 }],
        orderBy,
        descending: false,
        count: 20,
        fromEnd: false,
        ...(columns && { columns }),
      }).rows,
    close: () => db.close(),
  };
}

it('a page has the columns that are asked for, its key and its order, as whole rows have them', () => {
  const names = Object.keys(things.columns);
  const choices = fc.record({ columns: fc.subarray(names), orderBy: fc.constantFrom('thingId', 'name', 'madeAt') });
  fc.assert(
    fc.property(fc.array(anyThing, { maxLength: 6 }), choices, (rows, { columns, orderBy }) => {
      const { page, close } = open(rows);
      const read = names.filter((name) => columns.includes(name) || name === 'thingId' || name === orderBy);
      const whole = page(undefined, orderBy);
      // Looked at by name: whole rows read their lists then.
      expect(page(columns, orderBy)).toStrictEqual(whole.map((row) => Object.fromEntries(read.map((name) => [name, row[name]]))));
      close();
    }),
    { numRuns: 200 },
  );
});

it('a list comes along up to its limit, in bytes, and not beyond', () => {
  const part = { sku: 'é', price: 0 as Thing['price'], madeAt: null, spare: false, tags: [] };
  const bytesOf = (parts: Thing['parts']) => Buffer.byteLength(String(encode(columnOf(things, 'parts'), parts)));
  const missing = limits.listBesideBytesMax - bytesOf([part]);
  const longest = [{ ...part, sku: `${part.sku}${'x'.repeat(missing)}` }];
  const longer = [{ ...part, sku: `${part.sku}é${'x'.repeat(missing - 1)}` }];
  expect(bytesOf(longest)).toBe(limits.listBesideBytesMax);
  const { page, close } = open([thing('a', { parts: longest }), thing('b', { parts: longer })]);
  expect(page(['parts'])).toStrictEqual([{ thingId: 'a', parts: longest }, { thingId: 'b' }]);
  expect(page(['name'])).toStrictEqual(['a', 'b'].map((key) => ({ thingId: key, name: thing(key).name })));
  expect(page(undefined).map((row) => row['parts'])).toStrictEqual([longest, longer]);
  close();
});
