import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '#base';
import { type QuickDecoder, quickDecoder, unsure } from './decoding.ts';
import { Decimal, Id, Instant } from './fields.ts';

/** All kinds that are decoded quickly, and some that are left to zod. */
const shape = z.object({
  id: Id,
  text: z.string(),
  short: z.string().max(2).regex(/^a*$/),
  trimmed: z.string().trim(),
  email: z.email(),
  coerced: z.coerce.string(),
  whole: z.int(),
  few: z.int().max(3),
  number: z.number(),
  isOpen: z.boolean(),
  colour: z.enum(['red', 'green']),
  note: z.string().nullable(),
  price: Decimal,
  discount: Decimal.nullable(),
  small: Decimal.refine((value) => value < 100_000),
  madeAt: Instant,
  lines: z
    .array(z.object({ sku: Id, quantity: z.int(), price: Decimal }))
    .min(1)
    .max(3),
  strict: z.strictObject({ a: z.int() }),
  pair: z.tuple([z.string(), Instant]),
  either: z.union([z.string(), z.int()]),
  odd: z.object({ a: z.int() }).refine(({ a }) => a % 2 === 1),
});

const declared = {
  id: 'o-1',
  text: 'ä',
  short: 'aa',
  trimmed: 'x',
  email: 'ada@example.com',
  coerced: 'x',
  whole: -5,
  few: 3,
  number: 1.5,
  isOpen: true,
  colour: 'red',
  note: null,
  price: '12.50',
  discount: '0.0001',
  small: '1.00',
  madeAt: '2010-12-01T08:26:00.000Z',
  lines: [
    { sku: 'a', quantity: 1, price: '1.00' },
    { sku: 'b', quantity: 2, price: '-1.25' },
  ],
  strict: { a: 1 },
  pair: ['x', '2010-12-01T08:26:00.000Z'],
  either: 7,
  odd: { a: 1 },
};

/** As the codec writes it: the names of fields in order, at any depth. */
const written: typeof declared = JSON.parse(canonicalJson(declared) ?? '');

const quick = quickDecoder(shape);
const copyOf = (json: unknown): unknown => JSON.parse(JSON.stringify(json));
/** Order of fields included. */
const textOf = (value: unknown) => JSON.stringify(value);

/** What zod reads of it, or nothing; held against the quick way. */
function agree(decoder: QuickDecoder, schema: z.ZodType, json: unknown): void {
  const [one, other] = [decoder(copyOf(json)), z.safeDecode(schema, copyOf(json))];
  if (one === unsure) return;
  expect(other.success).toBe(true);
  expect(one).toEqual(other.data);
  expect(textOf(one)).toBe(textOf(other.data));
}

describe('a quick decoder', () => {
  test('reads what was written', () => {
    const decoded = quick(copyOf(written));
    expect(decoded).not.toBe(unsure);
    agree(quick, shape, written);
    expect(textOf(z.encode(shape, decoded as z.output<typeof shape>))).toBe(textOf(declared));
  });

  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
    fc.constantFrom<unknown>(
      '',
      ' x ',
      'aaa',
      'ab',
      'a\u0000',
      '\ud800',
      '1.23456',
      '12.5',
      '-0',
      'x'.repeat(201),
      4,
      -0,
      1e300,
      2 ** 53,
      [],
      {},
      null,
    ),
    fc.constantFrom<unknown>('2010-02-30T08:26:00.000Z', '2010-12-01T08:26:00Z', '2010-12-01T24:00:00.000Z', '+010000-01-01T00:00:00.000Z'),
    fc.constantFrom<unknown>(
      [{ price: '1.00', quantity: 1, sku: '' }],
      [{ quantity: 1, sku: 'a', price: '1.00' }],
      { a: 2 },
      { a: 1, b: 1 },
      ['x'],
    ),
  );
  const names = fc.constantFrom(...Object.keys(written));

  test.each(Object.keys(written))('reads %s as zod does, or is unsure', (name) => {
    const one = shape.pick({ [name]: true } as { text: true });
    const decoder = quickDecoder(one);
    fc.assert(
      fc.property(values, (value) => agree(decoder, one, { [name]: value })),
      { seed: 20101206, numRuns: 300 },
    );
  });

  test('agrees with zod on data that was changed in some places', () => {
    const changes = fc.array(fc.tuple(names, fc.option(values, { nil: undefined })), { maxLength: 2 });
    fc.assert(
      fc.property(changes, fc.option(fc.string({ maxLength: 9 }), { nil: undefined }), (changed, more) => {
        // What is undefined is not there.
        const json = { ...written, ...Object.fromEntries(changed), ...(more !== undefined && { [more]: 1 }) };
        agree(quick, shape, json);
      }),
      { seed: 20101207, numRuns: 500 },
    );
  });

  test.each<[string, unknown]>([
    ['a field too many', { ...written, more: 1 }],
    ['a field too few', { ...written, odd: undefined }],
    ['another order of fields', declared],
    ['no object', [written]],
    ['no object either', null],
    ['a line without its sku', { ...written, lines: [{ price: '1.00', quantity: 1 }] }],
    ['too many lines', { ...written, lines: Array.from({ length: 4 }, () => written.lines[0]) }],
    ['a moment in another form', { ...written, madeAt: '2010-12-01T08:26:00Z' }],
    ['a day that is none', { ...written, madeAt: '2010-02-30T08:26:00.000Z' }],
    ['an id with a control character', { ...written, id: 'a\u0000' }],
  ])('is unsure of %s', (_, json) => expect(quick(copyOf(json))).toBe(unsure));

  test('reads a shape that holds itself', () => {
    const Part = z.object({
      name: z.string(),
      madeAt: Instant,
      get parts() {
        return z.array(Part);
      },
    });
    const text = '2010-12-01T08:26:00.000Z';
    const wheel = { madeAt: text, name: 'wheel', parts: [] };
    const madeAt = new Date(text);
    expect(quickDecoder(Part)({ madeAt: text, name: 'cart', parts: [wheel] })).toEqual({
      name: 'cart',
      madeAt,
      parts: [{ name: 'wheel', madeAt, parts: [] }],
    });
  });

  test('does not trust a pattern that remembers where it was', () => {
    const one = quickDecoder(z.object({ text: z.string().regex(/a/g) }));
    for (let i = 0; i < 3; i++) expect(one({ text: 'a' })).toEqual({ text: 'a' });
  });
});
