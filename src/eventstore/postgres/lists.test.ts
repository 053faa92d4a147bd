import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayOf } from './lists.ts';
import { administrator, describePostgres } from './postgres.fixture.ts';

const hard = fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ' ', 'n', 'u', 'NULL', '\n', '\u0001', 'é', '😀') });

test.each([
  [['a', null, 'b'], '{"a",null,"b"}'],
  [['{"text":"a \\"b\\" \\\\ n"}'], String.raw`{"{\"text\":\"a \\\"b\\\" \\\\ n\"}"}`],
  [[1, 2], '{1,2}'],
  [[], '{}'],
])('a list is an array as JSON has it: %j', (list, array) => {
  expect(arrayOf(list)).toBe(array);
});

test.each([['a line\n'], ['\\\n'], ['\u0001'], ['\ud800']])('what JSON writes otherwise is left to the driver: %j', (text) => {
  expect(arrayOf([text])).toEqual([text]);
});

describePostgres('a list in PostgreSQL', () => {
  test('comes back as it was given', async () => {
    const client = await administrator();
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.option(fc.oneof(hard, fc.string()))), async (given) => {
          const texts = given.map((text) => text?.replaceAll('\0', '') ?? null);
          const { rows } = await client.query('SELECT $1::text[] AS list', [arrayOf(texts)]);
          expect(rows[0].list).toEqual(texts);
        }),
        { numRuns: 200 },
      );
    } finally {
      await client.end();
    }
  });
});
