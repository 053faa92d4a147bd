import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '#base';
import { Decimal, events, Id, Instant } from '#event';
import { type JsonSchema, objections } from './compatible.ts';
import { readForm } from './eventexamples.ts';

const schemaOf = (shape: z.ZodType) => z.toJSONSchema(shape, { io: 'input' }) as JsonSchema;
const found = (was: z.ZodType, is: z.ZodType) => objections(schemaOf(was), schemaOf(is)).map(({ path, why }) => `${path}: ${why}`);

interface Tree {
  readonly name: string;
  readonly leaves: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get leaves() {
    return z.array(tree);
  },
});
const shortTree: z.ZodType<Tree> = z.object({
  name: z.string().max(3),
  get leaves() {
    return z.array(shortTree);
  },
});

const tagged = (...shapes: readonly [z.ZodObject, ...z.ZodObject[]]) => z.discriminatedUnion('by', shapes as never);
const byCard = z.object({ by: z.literal('card'), last: z.string() });
const byCash = z.object({ by: z.literal('cash') });

const byAny = z.object({ by: z.string(), last: z.string() });

/** Every kind of field that events have, in more than one width. */
const kinds: Readonly<Record<string, z.ZodType>> = {
  text: z.string(),
  'text or nothing': z.string().optional(),
  'text or null': z.string().nullable(),
  'text with a default': z.string().default('x'),
  'text with another default': z.string().default('y'),
  'text up to 3': z.string().max(3),
  'text of a pattern': z.string().regex(/^a/),
  'text of two patterns': z.string().regex(/^a/).regex(/b$/),
  email: z.email(),
  id: Id,
  'one of two': z.enum(['red', 'green']),
  'one of three': z.enum(['red', 'green', 'blue']),
  'one of three or null': z.enum(['red', 'green', 'blue']).nullable(),
  'one value': z.literal('red'),
  'a text or a number': z.literal(['red', 1]),
  number: z.number(),
  'positive number': z.number().positive(),
  'number from 0': z.number().min(0),
  'number from 0 to 5': z.number().min(0).max(5),
  'whole number from 0 to 5': z.int().min(0).max(5),
  'number below 5': z.number().lt(5),
  'whole number': z.int(),
  'whole number or null': z.int().nullable(),
  'whole number from 1': z.int().min(1),
  'number or text': z.union([z.number(), z.string()]),
  'even number': z.number().multipleOf(2),
  boolean: z.boolean(),
  decimal: Decimal,
  'decimal or null': Decimal.nullable(),
  'decimal or text': z.union([Decimal, z.string()]),
  'text or decimal': z.union([z.string(), Decimal]),
  moment: Instant,
  'texts, one and more': z.array(z.string()).min(1),
  texts: z.array(z.string()),
  decimals: z.array(Decimal),
  'two texts': z.tuple([z.string(), z.string()]),
  'a text and more': z.tuple([z.string()], z.string()),
  'a name': z.object({ name: z.string() }),
  'a name or null': z.object({ name: z.string() }).nullable(),
  'a name and perhaps a note': z.object({ name: z.string(), note: z.string().optional() }),
  'a name and a note': z.object({ name: z.string(), note: z.string() }),
  'a name and nothing else': z.strictObject({ name: z.string() }),
  'a name and what there is': z.looseObject({ name: z.string() }),
  'a name, perhaps a note and what there is': z.looseObject({ name: z.string(), note: z.string().optional() }),
  'a name and decimals': z.object({ name: z.string() }).catchall(Decimal),
  'texts by name': z.record(z.string(), z.string()),
  'decimals by name': z.record(z.string(), Decimal),
  'texts by two names': z.record(z.enum(['name', 'note']), z.string()),
  'by card or cash': tagged(byCard, byCash),
  'by cash or card': tagged(byCash, byCard),
  'by card': tagged(byCard),
  'by card or otherwise, untagged': z.union([byCard.omit({ last: true }), byAny]),
  'the same with cash': z.union([byCard.omit({ last: true }), byAny, byCash]),
  'cash first': z.union([byCash, byCard.omit({ last: true }), byAny]),
  'by whatever, untagged': z.union([byAny.omit({ last: true }), byAny]),
  tree,
  'tree of short names': shortTree,
  anything: z.unknown(),
};

const values: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    '',
    'x',
    'y',
    'a',
    'abb',
    'abbbbb',
    'red',
    'green',
    'blue',
    '1.5',
    'ada@example.com',
    'a\u0000',
    '2010-12-01T08:26:00Z',
  ],
  ...[0, 1, 2, 3, 5, 6, -1, -2, 0.5, 1.5, 7.25],
  ...[[], ['x'], ['x', 'y'], ['x', 'y', 'z'], ['1.5'], ['1.5', '2'], ['x', 1], [1]],
  ...[
    {},
    { name: 'x' },
    { name: '1.5' },
    { name: 'x', note: 'y' },
    { name: 'x', note: '1.5' },
    { name: 'x', note: 1 },
    { other: 'x' },
    { other: '1.5' },
  ],
  ...[
    { name: '1.5', note: '2', other: '3' },
    { by: 'cash' },
    { by: 'card', last: '4711' },
    { by: 'card' },
    { by: 'cheque', last: '7' },
    { by: 'cash', last: '7' },
  ],
  ...[
    { name: 'x', leaves: [] },
    { name: 'x', leaves: [{ name: 'longer', leaves: [] }] },
  ],
];

/** Every kind as the only field of an event, and what it has stored of each value that it takes: no more than it would itself have written. */
const shapes = new Map(Object.entries(kinds).map(([name, kind]) => [name, z.object({ it: kind })]));
const stored = new Map([...shapes].map(([name, shape]) => [name, values.flatMap((value) => storedBy(shape, value))]));

function storedBy(shape: z.ZodObject, it: unknown): readonly unknown[] {
  const read = z.safeDecode(shape, { it });
  return read.success ? [JSON.parse(JSON.stringify(z.encode(shape, read.data)))] : [];
}

/** What a shape reads of stored data, as text; undefined where it refuses it. */
function readBy(shape: z.ZodObject, data: unknown): string | undefined {
  const read = z.safeDecode(shape, data as never);
  return read.success ? canonicalJson(readForm(read.data)) : undefined;
}

/** Kinds that are objected to though no stored value tells them apart: the schemas alone cannot, or not without being understood. */
const careful =
  /cash first|one value text up|text or a number|pattern|email|id$|even|anything|decimal or text|text or decimal|default|what there is|by two names|by name|catchall|and decimals/;

describe('data that was stored by one shape and not objected to', () => {
  test.each([...shapes.keys()])('of %s is read as before by every other kind', (name) => {
    const was = shapes.get(name) ?? z.object({});
    const data = (stored.get(name) ?? []).map((one) => [one, readBy(was, one)] as const);
    expect(data).not.toEqual([]);
    const [missed, needless]: [string[], string[]] = [[], []];
    for (const [other, is] of shapes) {
      const objected = found(was, is);
      const differing = data.filter(([one, read]) => readBy(is, one) !== read);
      if (objected.length === 0 && differing.length > 0) missed.push(`${other}: ${JSON.stringify(differing[0])}`);
      if (objected.length > 0 && differing.length === 0 && !careful.test(`${name} ${other}`))
        needless.push(`${other}: ${objected.join('; ')}`);
    }
    expect([missed, needless]).toEqual([[], []]);
  });
});

describe('a change', () => {
  const was = z.object({
    userId: Id,
    note: z.string().optional(),
    status: z.enum(['OPEN', 'PAID']),
    lines: z.array(z.object({ sku: Id, quantity: z.int() })).min(1),
    total: Decimal,
  });

  test.each<[string, z.ZodObject]>([
    ['nothing', was],
    ['another description', was.extend({ userId: Id.describe('Who.') }).describe('An order.')],
    ['an optional field more', was.extend({ reason: z.string().optional() })],
    ['a field more with a default', was.extend({ reason: z.string().default('') })],
    ['a value more', was.extend({ status: z.enum(['OPEN', 'PAID', 'SHIPPED']) })],
    ['null as well', was.extend({ total: Decimal.nullable() })],
    ['a required field that may be left out', was.partial({ userId: true })],
    ['a wider number', was.extend({ lines: z.array(z.object({ sku: Id, quantity: z.number() })).min(1) })],
    ['anything', was.extend({ note: z.unknown().optional() })],
    ['a bound less', was.extend({ lines: z.array(z.object({ sku: Id, quantity: z.int() })), userId: z.string() })],
    ['a name of the API', was.extend({ status: z.enum(['OPEN', 'PAID']).meta({ graphql: 'Status' }) })],
  ])('is compatible: %s', (_, is) => expect(found(was, is)).toEqual([]));

  test.each<[string, z.ZodObject, readonly string[]]>([
    ['a required field more', was.extend({ reason: z.string() }), ['reason: is required, and was not there']],
    ['an optional field that is required', was.required({ note: true }), ['note: could be left out, is required']],
    [
      'an optional field that has a default',
      was.extend({ note: z.string().default('') }),
      ['note: where it was left out, another value is read'],
    ],
    ['a field less', was.omit({ note: true }), ['note: is gone']],
    ['a field renamed', was.omit({ userId: true }).extend({ user: Id }), ['userId: is gone', 'user: is required, and was not there']],
    ['a value less', was.extend({ status: z.enum(['OPEN']) }), ['status: no longer takes "PAID"']],
    ['another type', was.extend({ note: z.int().optional() }), ['note: was string, is integer']],
    ['text of a kind that is read as something else', was.extend({ total: z.string() }), ['total: was read as Decimal, is read as string']],
    ['a bound more', was.extend({ note: z.string().max(9).optional() }), ['note: its maxLength is now 9']],
    [
      'deep inside',
      was.extend({ lines: z.array(z.object({ sku: Id, quantity: z.int().min(1), unitPrice: Decimal })).min(2) }),
      ['lines: its minItems is now 2', 'lines.*.quantity: its minimum is now 1', 'lines.*.unitPrice: is required, and was not there'],
    ],
  ])('is incompatible: %s', (_, is, expected) => expect(found(was, is)).toEqual(expected));
});

test('a shape that a catalogue has is compared as it is stored', () => {
  const { definitions } = events('parcel', { Sent: z.object({ weight: Decimal }) });
  const shape = definitions.get('Sent')?.shape ?? z.never();
  expect(found(shape, shape)).toEqual([]);
});
