import { expect, test } from 'vitest';
import { limits } from '#base';
import { columnsInParts } from './parts.ts';

/** How many rows each statement writes. */
const counts = (rows: Parameters<typeof columnsInParts>[0]) => columnsInParts(rows).map(([first]) => first?.length);

test('rows are turned into lists, one a column', () => {
  expect(columnsInParts([])).toEqual([]);
  expect(
    columnsInParts([
      ['a', 1, null],
      ['b', 2, 'x'],
    ]),
  ).toEqual([
    [
      ['a', 'b'],
      [1, 2],
      [null, 'x'],
    ],
  ]);
});

test('one statement takes so many rows, and so much text', () => {
  const max = limits.statementRowsMax;
  expect(counts(Array.from({ length: 2 * max + 1 }, (_, i) => [`${i}`, i]))).toEqual([max, max, 1]);
  const quarter = 'x'.repeat(limits.storeStatementLengthMax / 4);
  expect(counts(Array.from({ length: 10 }, (_, i) => [quarter, i]))).toEqual([4, 4, 2]);
  // A row is written by one statement, however long it is.
  const long = [quarter.repeat(5), quarter.repeat(5)];
  expect(counts([long, long, ['short', null]])).toEqual([1, 1, 1]);
});
