import { expect, test } from 'vitest';
import { id, text } from './column.ts';
import { table } from './table.ts';

const columns = { key: id(), a: text(), b: text(), a_b: text() };

test('a table has columns and indexes that every store tells apart', () => {
  const indexes = [['a', 'b'], ['b', 'a'], ['a']] as const;
  expect(table('things', columns, { key: 'key', indexes }).indexes).toEqual(indexes);
});

test.each(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'])('a column %s is refused: PostgreSQL has it in every table', (name) => {
  expect(() => table('things', { ...columns, [name]: text() }, { key: 'key' })).toThrow(`The column ${name} of things`);
});

test('names that would be the same in SQL are refused', () => {
  expect(() => table('things', { ...columns, A: text() }, { key: 'key' })).toThrow('Two columns of things have one name in SQL: A.');
  const indexes = [['a', 'b'], ['a_b']] as const;
  expect(() => table('things', columns, { key: 'key', indexes })).toThrow('Two indexes of things have one name in SQL: a_b.');
  expect(() => table('things', { ...columns, 'a b': text() }, { key: 'key' })).toThrow('is not letters, digits and underscores');
});
