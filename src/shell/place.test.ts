import { expect, test } from 'vitest';
import { check, verify } from './index.ts';
import { house } from './lamps.fixture.ts';
import { placeOf, shownPlace } from './place.ts';

test.each([
  ['.varve', { folder: '.varve' }],
  ['/var/postgres://x', { folder: '/var/postgres://x' }],
  ['postgres://u:secret@a:1,b:2/shop', { url: 'postgres://u:secret@a:1,b:2/shop', log: 'varve', readUrl: undefined, listenUrl: undefined }],
])('%s is a place', (where, place) => expect(placeOf(where)).toEqual(place));

test('a log is named as its schema can be', () => {
  const log = 'x'.repeat(63);
  expect(placeOf('postgres://a/b', { log })).toMatchObject({ log });
  expect(() => placeOf('postgres://a/b', { log: `${log}x` })).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }));
});

test.each([{ readStore: '/replica' }, { listenStore: '/direct' }])('what is read from or listened to is a database too: %j', (options) =>
  expect(() => placeOf('postgres://a/b', options)).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' })),
);

test.each([verify, check])('a wrong place is told of by the promise of %o, as all is that stands in its way', async (look) => {
  const looking = look(house, 'postgres://a/b', { log: 'Shop' });
  await expect(looking).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' });
});

test.each([
  ['postgres://ann:se:cr/et@host:5432/shop?password=x', 'postgres://ann:…@host:5432/shop, log varve'],
  ['postgresql://host/shop', 'postgresql://host/shop, log varve'],
  ['.varve', '.varve'],
])('of %s an operator reads no password', (where, shown) => expect(shownPlace(placeOf(where))).toBe(shown));
