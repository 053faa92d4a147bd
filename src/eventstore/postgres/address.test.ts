import { expect, test } from 'vitest';
import { addressOf, schemaOf } from './address.ts';

test('names one server, or several, each with all that the others have', () => {
  expect(addressOf('postgres://ada:s%40e@one:5432,[::1]:5433,three/shop?sslmode=disable&target_session_attrs=read-write')).toEqual({
    urls: [
      'postgres://ada:s%40e@one:5432/shop?sslmode=disable',
      'postgres://ada:s%40e@[::1]:5433/shop?sslmode=disable',
      'postgres://ada:s%40e@three/shop?sslmode=disable',
    ],
    place: 'postgres://ada@one:5432,[::1]:5433,three/shop',
    target: 'read-write',
  });
  expect(addressOf('postgresql://one/shop')).toEqual({ urls: ['postgres://one/shop'], place: 'postgres://one/shop', target: 'any' });
});

test('a socket is named by its folder among the settings', () => {
  expect(addressOf('postgres://ada@/shop?host=/run/postgresql').urls).toEqual(['postgres://ada@/shop?host=%2Frun%2Fpostgresql']);
});

test.each([
  'mysql://ada:secret@one/shop',
  'ada:secret@one/shop',
  'postgres://ada:secret@one:x/shop',
  'postgres://ada:sec/ret@one/shop',
  'postgres://ada:secret@one/shop?target_session_attrs=fast',
  'postgres://ada:secret@one/shop?sslmode=prefer',
  'postgres://ada:secret@one/shop?sslmode=verify-ca',
  '',
])('what is none is refused, and its password is not repeated: %s', (url) => {
  const refused = (() => {
    try {
      return addressOf(url);
    } catch (fault) {
      return fault;
    }
  })();
  expect(refused).toMatchObject({ code: 'BAD_CONFIGURATION', hint: expect.any(String) });
  expect(JSON.stringify(refused) + String(refused)).not.toContain('sec');
});

test.each(['', 'Shop', 'pg_shop', '1shop', 'a"b', 'a b', 'x'.repeat(64)])('a log cannot be named %j', (log) => {
  expect(() => schemaOf(log)).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }));
});
