import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cycles, impureImports, unreached, wrongArrows } from './tidy/arrows.ts';
import { banned, functionsOf, tooLong, undocumented } from './tidy/habits.ts';
import { allSources, filesIn, folderOf, isTest, root, sourceOf } from './tidy/sources.ts';
import { betrays } from './tidy/text.ts';

const sources = allSources();
const programs = [
  'src/index.ts',
  'src/shell/cli.ts',
  'src/shop/import/main.ts',
  'docs/examples/first-aggregate/serve.ts',
  'src/eventstore/sqlite/tables.ts',
  'src/eventstore/sqlite/drizzle.config.ts',
  ...filesIn(['bench'], ['.ts']),
];

/** One doctored file, which a rule must find fault with. */
const doctored = (path: string, text: string) => [sourceOf(path, text)];

describe('the tree', () => {
  test('has only the arrows of docs/architecture.md', () => {
    expect(wrongArrows(sources)).toEqual([]);
    expect(wrongArrows(doctored('src/decider/x.ts', "import type { EventStore } from '#eventstore';"))).toHaveLength(1);
    expect(wrongArrows(doctored('src/command/x.ts', "import { Hub } from '../livestream/hub.ts';"))).toHaveLength(1);
    expect(wrongArrows(doctored('src/shop/x.ts', "export { limits } from '#base';"))).toHaveLength(1);
    expect(wrongArrows(doctored('src/shop/x.ts', "export { limits } from '#varve';"))).toEqual([]);
  });

  test('keeps what decides and projects away from clocks, disks and networks', () => {
    expect(impureImports(sources)).toEqual([]);
    expect(impureImports(doctored('src/decider/x.ts', "import { readFileSync } from 'node:fs';"))).toHaveLength(1);
  });

  test('has no cycle, types included', () => {
    expect(cycles(sources)).toEqual([]);
    const two = [
      ...doctored('src/base/a.ts', "import type { B } from './b.ts';"),
      ...doctored('src/base/b.ts', "import { a } from './a.ts';"),
    ];
    expect(cycles(two)).toEqual(['src/base/a.ts → src/base/b.ts → src/base/a.ts']);
  });

  test('has no file that nothing reaches', () => {
    expect(unreached(sources, programs)).toEqual([]);
    expect(unreached(doctored('src/base/lonely.ts', ''), programs)).toHaveLength(1);
  });
});

describe('the code', () => {
  test('has no file over 300 lines and no function over 50', () => {
    expect(tooLong(sources)).toEqual([]);
    expect(tooLong(doctored('src/base/x.ts', '\n'.repeat(301).concat('1')))).toHaveLength(1);
    expect(tooLong(doctored('src/base/x.ts', `function f() {${'\n'.repeat(51)}}`))).toHaveLength(1);
  });

  test('uses nothing that is banned', () => {
    expect(banned(sources)).toEqual([]);
    for (const line of [
      '// TODO',
      'let x: any;',
      '// @ts-ignore',
      'x as unknown as Y',
      'Date.now()',
      'console.log()',
      'test.only()',
      'describe.skip()',
    ]) {
      expect(banned(doctored('src/event/x.ts', line)), line).toHaveLength(1);
    }
  });

  test('says what each export means', () => {
    expect(undocumented(sources)).toEqual([]);
    expect(undocumented(doctored('src/event/x.ts', 'export const x = 1;\n/** Y. */\nexport const y = 2;'))).toHaveLength(1);
  });

  test('is short in the median', () => {
    const own = sources.filter(({ path }) => path.startsWith('src/') && !isTest(path) && folderOf(path) !== 'tidy');
    const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
    const file = median(own.map(({ text }) => text.split('\n').length));
    const fn = median(own.flatMap(({ parsed }) => functionsOf(parsed)).map(({ lines }) => lines));
    const framework = own.filter(({ path }) => !['shop', 'shell', ''].includes(folderOf(path)));
    const lines = framework.reduce((sum, { text }) => sum + text.split('\n').length, 0);
    console.log(`median file ${file} lines, median function ${fn} lines; framework ${lines} lines in ${framework.length} files`);
    expect(file).toBeLessThanOrEqual(80);
    expect(fn).toBeLessThanOrEqual(10);
  });
});

test('no text betrays a machine', () => {
  const texts = [
    ...filesIn(['src', 'e2e', 'bench', 'docs', 'schema', 'drizzle', '.ci', '.config'], ['']),
    'README.md',
    'package.json',
    'package-lock.json',
  ];
  const readable = texts.filter((path) => !/\.(png|svg)$/.test(path));
  expect(readable.flatMap((path) => betrays(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  expect(betrays('x', ['', 'home', 'ada', 'x'].join('/'))).toHaveLength(1);
});
