import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingTests, testsInRows } from './named.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/faults.md'), 'utf8');

test('every fault names tests, and they are there', () => {
  expect(missingTests(testsInRows(page))).toEqual([]);
  expect(missingTests(testsInRows(`| a | b | c | \`docs/limits.ts\`: ${['never', 'there'].join(' ')} |`))).toHaveLength(1);
  const tables = page.split(/^## /m).filter((text) => /\| test \|$/m.test(text));
  expect(tables.length).toBeGreaterThan(4);
  const rows = tables.flatMap((text) => text.split('\n').filter((line) => /^\|/.test(line) && !/^\| (-|fault|fact)/.test(line)));
  for (const row of rows) expect(testsInRows(row).length, row).toBeGreaterThan(0);
});

test('every test of faults stands on the page', () => {
  const files = readdirSync(join(root, 'e2e/faults'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `e2e/faults/${name}`);
  expect(files.filter((file) => !testsInRows(page).some((one) => one.file === file))).toEqual([]);
});
