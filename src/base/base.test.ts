import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  type Decimal,
  fingerprint,
  formatDecimal,
  newUuid,
  parseDecimal,
  parsePosition,
  readDecimal,
  roughBytes,
  subtract,
  times,
  zero,
} from './index.ts';

const safe = fc.integer({ min: -(2 ** 50), max: 2 ** 50 }) as fc.Arbitrary<Decimal>;

describe('a decimal', () => {
  test.each([
    ['12.50', '12.50'],
    ['12.5', '12.50'],
    ['0', '0.00'],
    ['-0', '0.00'],
    ['-0.0001', '-0.0001'],
    ['0.125', '0.125'],
    ['900719925474.0991', '900719925474.0991'],
  ])('%s is written %s', (text, written) => expect(formatDecimal(parseDecimal(text))).toBe(written));

  test.each(['', '1.23456', '1,5', '.5', '5.', '1e3', '01', '+1', ' 1', 'NaN', '900719925474.0992', '9'.repeat(400)])(
    'is not %j',
    (text) => {
      expect(readDecimal(text)).toBeUndefined();
      expect(() => parseDecimal(text)).toThrow();
    },
  );

  test('comes back from its text, and adds up exactly', () => {
    fc.assert(
      fc.property(safe, safe, (a, b) => {
        expect(parseDecimal(formatDecimal(a))).toBe(a === 0 ? 0 : a);
        expect(BigInt(add(a, b))).toBe(BigInt(a) + BigInt(b));
        expect(subtract(add(a, b), b)).toBe(a === 0 ? 0 : a);
      }),
      { seed: 1 },
    );
    expect(formatDecimal(add(parseDecimal('0.1'), parseDecimal('0.2')))).toBe('0.30');
    expect(formatDecimal(times(parseDecimal('2.55'), 6))).toBe('15.30');
    expect(add()).toBe(zero);
  });

  test('out of its range is a bug, never a wrong number', () => {
    const most = parseDecimal('900719925474.0991');
    expect(() => add(most, parseDecimal('0.0001'))).toThrow('range');
    expect(() => times(most, 2)).toThrow('range');
    expect(() => times(most, 0.5)).toThrow('whole numbers');
  });
});

describe('a position', () => {
  test.each(['0', '1', '9007199254740991'])('is read from %s', (text) => expect(String(parsePosition(text))).toBe(text));
  test.each(['', '-1', '01', '1.5', 'x', '1 ', '9007199254740992', '99999999999999999999'])('is not %j', (text) => {
    expect(() => parsePosition(text)).toThrow(expect.objectContaining({ code: 'BAD_POSITION' }));
  });
});

test('ids are UUIDs of version 7, all different, and sort by time', async () => {
  const early = Array.from({ length: 2_000 }, newUuid);
  expect(new Set(early).size).toBe(early.length);
  expect(early.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 3));
  expect(newUuid() > (early.at(-1) ?? '')).toBe(true);
});

test('a fingerprint is the same for the same text only', () => {
  expect(fingerprint('ada')).toBe(fingerprint('ada'));
  expect(fingerprint('ada')).not.toBe(fingerprint('Ada'));
  expect(fingerprint('ada')).toMatch(/^[0-9a-f]{32}$/);
});

test('a rough size grows with what there is, and asks little of large lists', () => {
  expect(roughBytes({ text: 'x'.repeat(1_000) })).toBeGreaterThan(1_000);
  expect(roughBytes(Array.from({ length: 1_000 }, () => ({ sku: 'x', quantity: 1 })))).toBeGreaterThan(16_000);
  expect(roughBytes(new Map([['a', 'x'.repeat(500)]]))).toBeGreaterThan(500);
  expect([null, undefined, 1, new Date(), new Set()].map(roughBytes).every((bytes) => bytes > 0)).toBe(true);
});
