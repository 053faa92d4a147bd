import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crossings } from './crossings.ts';
import { codesIn, limitsIn, refreshedLimits } from './limits.ts';
import { missingTests } from './named.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = 'docs/limits.md';
const files = ['src/base/limits.ts', 'src/shop/limits.ts', 'src/shop/import/limits.ts'];

test('the page of limits says what the files say', () => {
  const before = read(page);
  const after = refreshedLimits(before, Object.fromEntries(files.map((path) => [path, read(path)])), crossings);
  if (after !== before) writeFileSync(join(root, page), after);
  expect(before, `${page} was out of date. It has been rewritten: look at it and commit it.`).toBe(after);
});

test('a limit has a name with its unit or kind, a value and a meaning', () => {
  const limits = files.flatMap((path) => limitsIn(read(path)));
  expect(limits.length).toBeGreaterThan(40);
  expect(limits.filter(({ name, meaning }) => meaning === '' || !/[A-Z]/.test(name))).toEqual([]);
  const source = 'export const limits = {\n  /** Of what. */\n  thingsMax: 5,\n} as const;';
  expect(limitsIn(source)).toEqual([{ name: 'thingsMax', value: '5', meaning: 'Of what.' }]);
  const doctored = '<!-- begin x -->\nold\n<!-- end x -->';
  const crossed = { x: { thingsMax: { file: 'x.test.ts', words: 'too many things' } } };
  expect(refreshedLimits(doctored, { x: source }, crossed)).toContain('| `thingsMax` | `5` | Of what. | `x.test.ts`: too many things |');
});

test('every limit has a test that crosses it, which is there', () => {
  for (const path of files) {
    const crossed = crossings[path] ?? {};
    expect(Object.keys(crossed).sort(), path).toEqual(
      limitsIn(read(path))
        .map(({ name }) => name)
        .sort(),
    );
    expect(missingTests(Object.values(crossed))).toEqual([]);
  }
  expect(missingTests([{ file: 'docs/limits.ts', words: 'never there' }])).toHaveLength(1);
});

test('every code of a fault stands on the page', () => {
  const sources = globSync('src/**/*.ts', { cwd: root }).filter((path) => !/\.(test|fixture)\.ts$|tidy/.test(path));
  const codes = new Set(sources.flatMap((path) => codesIn(read(path))));
  const text = read(page);
  expect(codes.size).toBeGreaterThan(30);
  expect([...codes].filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});
