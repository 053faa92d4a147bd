import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Decimal } from '#base';
import { cursorOf, placeOf } from './cursor.ts';
import { anyThing, thing, things } from './rowstore.contract.ts';
import { table } from './table.ts';

const byPrice = { orderBy: 'price' };
const encoded = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const bad = expect.objectContaining({ code: 'BAD_CURSOR', hint: expect.stringContaining('leave it out') });

it('names a place in an order', () => {
  const cursor = cursorOf(things, byPrice, thing('a', { price: -5 as Decimal }));
  expect(cursor).toMatch(/^[\w-]+$/);
  expect(placeOf(things, byPrice, cursor)).toEqual({ value: -5, key: 'a' });
});

it('comes back as it went, for any row and order', () => {
  fc.assert(
    fc.property(anyThing, fc.constantFrom('thingId', 'name', 'size', 'price', 'madeAt', 'open', 'status'), (row, orderBy) => {
      const place = placeOf(things, { orderBy }, cursorOf(things, { orderBy }, row));
      expect(place.key).toBe(row.thingId);
      expect(cursorOf(things, { orderBy }, row)).toBe(cursorOf(things, { orderBy }, { ...row }));
    }),
  );
});

it.each([
  ['nothing', ''],
  ['no base64', '%%%'],
  ['no JSON', encoded('[1,')],
  ['no list', encoded({ price: 1 })],
  ['too short a list', encoded(['things.price', 1])],
  ['a value of another kind', encoded(['things.price', '1', 'a'])],
  ['a fraction', encoded(['things.price', 1.5, 'a'])],
  ['null', encoded(['things.price', null, 'a'])],
  ['an empty key', encoded(['things.price', 1, ''])],
  ['a key that is no text', encoded(['things.price', 1, 2])],
  ['binary', Buffer.from([0, 255, 254]).toString('base64url')],
])('refuses %s', (_, cursor) => {
  expect(() => placeOf(things, byPrice, cursor)).toThrow(bad);
});

it('refuses the cursor of another order or table', () => {
  const cursor = cursorOf(things, byPrice, thing('a'));
  expect(() => placeOf(things, { orderBy: 'size' }, cursor)).toThrow(bad);
  expect(() => placeOf(table('others', things.columns, { key: 'thingId' }), byPrice, cursor)).toThrow(bad);
});
