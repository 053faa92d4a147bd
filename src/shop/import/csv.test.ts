import { expect, test } from 'vitest';
import { records } from './csv.ts';
import { importLimits } from './limits.ts';

const read = (...lines: readonly string[]) => [...records(lines.join('\n'))].map(({ line, fields }) => [line, fields?.join('|')]);

test('reads plain and quoted fields, doubled quotes and commas within them', () => {
  expect(read('a,b', '1,"x, y"', '2,"5"" pin"', '3,')).toEqual([
    [1, 'a|b'],
    [2, '1|x, y'],
    [3, '2|5" pin'],
    [4, '3|'],
  ]);
});

test('a record counts at the line where it begins, quoted line breaks included', () => {
  expect(read('a,b', '1,"x', 'y', 'z"', '2,w')).toEqual([
    [1, 'a|b'],
    [2, '1|x\ny\nz'],
    [5, '2|w'],
  ]);
});

test('takes CRLF and CR, a byte order mark, empty lines and a missing last line break', () => {
  expect([...records('\uFEFFa,b\r\n\r\n1,2\r\n"3\r\n4",5')]).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['1', '2'] },
    { line: 4, fields: ['3\n4', '5'] },
  ]);
  expect([...records('a,b\r1,2\r')]).toHaveLength(2);
  expect(read('')).toEqual([]);
});

test('wrong column counts are broken, and only they', () => {
  expect(read('a,b', '1', '1,2,3', '1,2', '"1"', '"1",2')).toEqual([
    [1, 'a|b'],
    [2, undefined],
    [3, undefined],
    [4, '1|2'],
    [5, undefined],
    [6, '1|2'],
  ]);
});

test('a quote that never closes costs its own line alone', () => {
  expect(read('a,b', '1,"x', '2,y', '3,"z"', '4,w')).toEqual([
    [1, 'a|b'],
    [2, undefined],
    [3, '2|y'],
    [4, '3|z'],
    [5, '4|w'],
  ]);
  expect(read('a,b', '1,"x', '2,y')).toEqual([
    [1, 'a|b'],
    [2, undefined],
    [3, '2|y'],
  ]);
  const far = Array.from({ length: importLimits.recordLinesMax }, (_, index) => `${index},y`);
  expect(read('a,b', '1,"x', ...far, 'z","w"').slice(0, 3)).toEqual([
    [1, 'a|b'],
    [2, undefined],
    [3, '0|y'],
  ]);
});

test('a quote within an unquoted field, or text after a closing one, breaks that line', () => {
  expect(read('a,b', '1,5" pin', '2,"x"y', '3,z')).toEqual([
    [1, 'a|b'],
    [2, undefined],
    [3, undefined],
    [4, '3|z'],
  ]);
});

test('keeps its line numbers over more lines than one chunk', () => {
  const many = Array.from({ length: 2 * importLimits.chunkLinesMax + 7 }, (_, index) => `${index},x`);
  expect(read('a,b', ...many).at(-1)).toEqual([many.length + 1, `${many.length - 1}|x`]);
});

test('a quoted field spans as many lines as it may, and no more', () => {
  const spanning = (lines: number) => ['1,"x', ...Array.from({ length: lines - 2 }, () => 'a,b'), 'z"'];
  const whole = read('a,b', ...spanning(importLimits.recordLinesMax), '2,y');
  expect(whole.map(([line]) => line)).toEqual([1, 2, importLimits.recordLinesMax + 2]);
  const broken = read('a,b', ...spanning(importLimits.recordLinesMax + 1), '2,y');
  expect(broken.slice(0, 3)).toEqual([
    [1, 'a|b'],
    [2, undefined],
    [3, 'a|b'],
  ]);
});

test('a row that is too long is broken, with a quote in it or without', () => {
  const { recordLengthMax } = importLimits;
  const row = (length: number) => `1,${'x'.repeat(length - 2)}`;
  const quoted = (length: number) => `1,"${'x'.repeat(length - 2)}"`;
  const rows = [row(recordLengthMax), row(recordLengthMax + 1), quoted(recordLengthMax), quoted(recordLengthMax + 10), '2,y'];
  expect(read('a,b', ...rows).map(([line, fields]) => [line, fields === undefined ? 'broken' : String(fields).length])).toEqual([
    [1, 3],
    [2, recordLengthMax],
    [3, 'broken'],
    [4, recordLengthMax],
    [5, 'broken'],
    [6, 3],
  ]);
});
