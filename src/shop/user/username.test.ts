import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldUsername, usernameTag } from './username.ts';

test.each([
  ['Ada', 'ada'],
  ['  ADA\t', 'ada'],
  ['Ａｄａ', 'ada'],
  ['Straße', 'strasse'],
  ['ΟΔΥΣΣΕΥΣ', foldUsername('οδυσσευς')],
  ['ﬁn', 'fin'],
  ['a\u200bd\u00ada', 'ada'],
  ['e\u0301', '\u00e9'],
])('%j and %j are one username', (username, folded) => {
  expect(foldUsername(username)).toBe(folded);
});

test('accents tell usernames apart', () => {
  expect(foldUsername('René')).not.toBe(foldUsername('Rene'));
});

test('a username in capitals is the same username', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', 'é', 'ß', 'σ', 'ſ', 'ǆ', 'я', '7', ' ') }), (username) => {
      expect(foldUsername(username.toUpperCase())).toBe(foldUsername(username));
      expect(foldUsername(foldUsername(username))).toBe(foldUsername(username));
    }),
  );
});

test('a tag does not show the username', () => {
  expect(usernameTag('ada')).toMatch(/^username:[0-9a-f]{32}$/);
});
