import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, 'decisions');

test('decisions are numbered from 1, each the same by its name and its heading', () => {
  const files = readdirSync(folder).sort();
  expect(files.map((file) => Number(file.slice(0, 3)))).toEqual(files.map((_, i) => i + 1));
  const headings = files.map((file) => readFileSync(join(folder, file), 'utf8').split('\n', 1)[0] ?? '');
  expect(headings.filter((heading, i) => !heading.startsWith(`# ${i + 1}. `))).toEqual([]);
});
