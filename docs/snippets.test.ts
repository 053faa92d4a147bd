/** Docs cannot lie: what README.md and docs/ show of code is a region of a tested file, rewritten here; a page that had to be fails. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refreshed } from './snippets.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root }).sort();

describe('the code in the docs', () => {
  test.each(pages)('%s shows its files as they are', (page) => {
    const before = read(page);
    const { text } = refreshed(before, read);
    if (text !== before) writeFileSync(join(root, page), text);
    expect(before, `${page} showed older code. It has been rewritten: look at it and commit it.`).toBe(text);
  });

  test('is there at all', () => expect(pages.reduce((sum, page) => sum + refreshed(read(page), read).count, 0)).toBeGreaterThan(5));
});

describe('the check', () => {
  const files: Readonly<Record<string, string>> = {
    'a.ts': [
      'const before = 0;',
      '// #region one',
      'const one = 1;',
      '// #endregion',
      '{',
      '  // #region two',
      '  if (one) {',
      '    go();',
      '  }',
      '',
      '  // #endregion',
      '}',
      '// #region open',
      '',
    ].join('\n'),
  };
  const readFile = (file: string) => {
    const text = files[file];
    if (text === undefined) throw new Error(`no file ${file}`);
    return text;
  };
  const page = (mark: string, code: string) => `# Page\n\n\`\`\`${mark}\n${code}\n\`\`\`\n\nText.\n`;
  const fresh = (text: string) => refreshed(text, readFile).text;

  test('leaves a true fence alone', () => {
    const text = page('ts file=a.ts region=one', 'const one = 1;');
    expect(refreshed(text, readFile)).toEqual({ text, count: 1 });
  });
  test('rewrites one that has drifted', () => {
    expect(fresh(page('ts file=a.ts region=one', 'const one = 2;'))).toBe(page('ts file=a.ts region=one', 'const one = 1;'));
  });
  test('fills an empty one', () => {
    expect(fresh('```ts file=a.ts region=one\n```\n')).toBe('```ts file=a.ts region=one\nconst one = 1;\n```\n');
  });
  test('takes off the indent that a region has', () => {
    expect(fresh(page('ts file=a.ts region=two', ''))).toBe(page('ts file=a.ts region=two', 'if (one) {\n  go();\n}'));
  });
  test('shows a whole file where no region is named', () => {
    expect(fresh(page('ts file=a.ts', ''))).toContain('const before = 0;\n// #region one');
  });
  test('leaves other fences alone', () => {
    const text = page('ts', 'const one = 2;') + page('sh', 'npm start');
    expect(refreshed(text, readFile)).toEqual({ text, count: 0 });
  });
  test.each([
    ['a file that is not there', 'ts file=b.ts region=one', 'no file b.ts'],
    ['a region that is not there', 'ts file=a.ts region=three', 'has no region three'],
    ['a region that does not end', 'ts file=a.ts region=open', 'does not end'],
    ['a mark that it does not understand', 'ts region=one file=a.ts', 'not known'],
  ])('fails on %s', (_, mark, message) => expect(() => fresh(page(mark, ''))).toThrow(message));
});
