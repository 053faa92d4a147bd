import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingTests, testsInLists } from './named.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/promises.md'), 'utf8');

test('every promise names tests, and they are there', () => {
  const promises = page.split(/^## /m).slice(1);
  expect(promises.map((text) => text.slice(0, text.indexOf('.')))).toEqual(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P10']);
  for (const text of promises) expect(testsInLists(text).length, text.slice(0, 40)).toBeGreaterThan(0);
  expect(missingTests(testsInLists(page))).toEqual([]);
  expect(missingTests(testsInLists(`- \`src/index.ts\`: ${['never', 'there'].join(' ')}`))).toHaveLength(1);
});
