import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/promises.md'), 'utf8');

/** The tests that a page names: `file`: words. */
const named = (text: string) => [...text.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, file = '', words = '']) => ({ file, words }));
const missing = (text: string) => named(text).filter(({ file, words }) => !readFileSync(join(root, file), 'utf8').includes(words));

test('every promise names tests, and they are there', () => {
  const promises = page.split(/^## /m).slice(1);
  expect(promises.map((text) => text.slice(0, text.indexOf('.')))).toEqual(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P10']);
  for (const text of promises) expect(named(text).length, text.slice(0, 40)).toBeGreaterThan(0);
  expect(missing(page)).toEqual([]);
  expect(missing(`- \`src/index.ts\`: ${['never', 'there'].join(' ')}`)).toHaveLength(1);
});
