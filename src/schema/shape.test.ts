import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Decimal, Id, Instant } from '#event';
import { fieldOf } from './shape.ts';

const typeOf = (schema: z.ZodType) => {
  const { shape, nullable, omittable, fallback } = fieldOf(schema, 'buy.it');
  return { shape, nullable, omittable, fallback };
};
const plain = (name: string, more = {}) => ({
  shape: { kind: 'scalar', name },
  nullable: false,
  omittable: false,
  fallback: undefined,
  ...more,
});

describe('a zod schema becomes a GraphQL type', () => {
  test.each([
    ['a string', z.string(), plain('String')],
    ['an identifier', Id.max(3), plain('ID')],
    ['a whole number', z.int().min(1), plain('Int')],
    ['a number held to be whole', z.number().int(), plain('Int')],
    ['another number', z.number(), plain('Float')],
    ['a boolean', z.boolean(), plain('Boolean')],
    ['a decimal with a rule', Decimal.refine(() => true), plain('Decimal')],
    ['a moment that may be left out', Instant.optional(), plain('DateTime', { omittable: true })],
    ['a text or null', z.string().nullable(), plain('String', { nullable: true })],
    ['a text, null or nothing', z.string().nullish(), plain('String', { nullable: true, omittable: true })],
    ['a default', z.int().default(3), plain('Int', { omittable: true, fallback: 3 })],
    ['a default in its outer form', Decimal.default(Decimal.parse('1')), plain('Decimal', { omittable: true, fallback: '1.00' })],
    ['a text that is changed', z.string().transform((text) => text.length), plain('String')],
    ['a text that is changed before it is read', z.preprocess((text) => text, z.string()), plain('String')],
    ['a list', z.array(Id), plain('', { shape: { kind: 'list', of: { kind: 'scalar', name: 'ID' } } })],
  ])('%s', (_, schema, expected) => {
    expect(typeOf(schema)).toEqual(expected);
  });

  test('descriptions are those of the outermost schema', () => {
    expect(fieldOf(Id.describe('inner').optional(), 'x').description).toBe('inner');
    expect(fieldOf(Id.describe('inner').optional().describe('outer'), 'x').description).toBe('outer');
  });

  test.each([
    [
      'a union',
      z.object({ it: z.union([z.string(), z.int()]) }).meta({ graphql: 'Buy' }),
      'buy.it is a union, which has no type in GraphQL.',
    ],
    ['an enum without a name', z.object({ it: z.enum(['A']) }).meta({ graphql: 'Buy' }), 'buy.it needs a name in the API.'],
    [
      'a list of lists',
      z.object({ it: z.array(z.array(z.string())) }).meta({ graphql: 'Buy' }),
      'buy.it[] may be null or is a list itself.',
    ],
    [
      'a list with nulls',
      z.object({ it: z.array(z.string().nullable()) }).meta({ graphql: 'Buy' }),
      'buy.it[] may be null or is a list itself.',
    ],
  ])('%s is refused, by its path', (_, schema, message) => {
    expect(() => fieldOf(schema, 'buy')).toThrow(message);
  });
});
