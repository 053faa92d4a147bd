import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';

test.each([
  ['fields by the UTF-16 code units of their names', { b: 1, a: 2, '\u{1f600}': 3, '\ufb33': 4 }, '{"a":2,"b":1,"\u{1f600}":3,"\ufb33":4}'],
  ['names that look like places', { 10: 'a', 9: 'b', a: { 2: [], 11: {} } }, '{"10":"a","9":"b","a":{"11":{},"2":[]}}'],
  ['a field that is named as no field can be', JSON.parse('{"b":1,"__proto__":{"a":1}}'), '{"__proto__":{"a":1},"b":1}'],
  ['numbers as ECMAScript has them', [1e21, 1e-7, -0, 0.1], '[1e+21,1e-7,0,0.1]'],
  ['no field that is undefined', { b: undefined, a: [undefined], 1: undefined }, '{"a":[null]}'],
  ['what says its own JSON', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ['nothing', undefined, undefined],
])('writes %s', (_, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('writes what another implementation of RFC 8785 writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    }),
  );
});
