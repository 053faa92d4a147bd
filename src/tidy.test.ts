import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deepImports, impureImports, wrongArrows } from './tidy/arrows.ts';
import { anys, banned, bans, silentSkips } from './tidy/bans.ts';
import { undocumented } from './tidy/docs.ts';
import { cycles, unreached } from './tidy/graph.ts';
import { functionsOf, linesOf, tooLong } from './tidy/lengths.ts';
import { allSources, filesIn, folderOf, isTest, root, sourceOf } from './tidy/sources.ts';
import { betrays, keptTexts } from './tidy/text.ts';

const sources = allSources();

/** What is run by name, from package.json, a shell or another tool; tests are found by theirs. */
const programs = [
  'src/index.ts',
  'src/shell/varve.js',
  'src/shell/writerthread.ts',
  'src/shell/reactionthread.ts',
  'src/shop/import/main.ts',
  'src/eventstore/postgres/drizzle.config.ts',
  'src/eventstore/postgres/tables.ts',
  'src/eventstore/sqlite/drizzle.config.ts',
  'src/eventstore/sqlite/tables.ts',
  'docs/examples/first-aggregate/serve.ts',
  'docs/examples/live-dashboard/serve.ts',
  'docs/examples/live-dashboard/dashboard.js',
  'e2e/soak.ts',
  'e2e/simulation/main.ts',
  'e2e/simulation/worker.ts',
  'e2e/faults/halfsender.ts',
  'e2e/faults/editions/serve.ts',
  'e2e/faults/killat.ts',
  'e2e/faults/otherclock.ts',
  'e2e/faults/worsestore.ts',
  'e2e/faults/settings.ts',
  'e2e/faults/writer.ts',
  'codegen.ts',
  '.config/vitest.config.ts',
  ...filesIn(['bench'], '.ts'),
];

/** One doctored file, which a rule must find fault with. */
const doctored = (path: string, text: string) => [sourceOf(path, text)];

describe('the tree', () => {
  test('has only the arrows of docs/architecture.md', () => {
    expect(wrongArrows(sources)).toEqual([]);
  });
  test.each([
    ['src/decider/x.ts', "import type { EventStore } from '#eventstore';"],
    ['src/base/x.ts', "export * from '#event';"],
    ['src/event/x.ts', "let x: import('#decider').Decider;"],
    ['src/command/x.ts', "await import('#livestream');"],
    ['src/schema/x.ts', "import { serve } from '#server';"],
    ['src/shop/x.ts', "export { limits } from '#base';"],
    ['src/shop/x.ts', "import { serve } from '#shell';"],
    ['src/server/x.ts', "import { events } from '#varve';"],
    ['src/index.ts', "export { shop } from '#shop';"],
    ['src/novel/x.ts', ''],
  ])('would not let %s say: %s', (path, text) => expect(wrongArrows(doctored(path, text))).toHaveLength(1));
  test.each([
    ['src/decider/x.ts', "import { events } from '#event';"],
    ['src/decider/x.test.ts', "import { openMemoryStore } from '#eventstore';"],
    ['src/shop/x.ts', "export { limits } from '#varve';"],
    ['src/index.ts', "export { events } from '#event';"],
  ])('lets %s say: %s', (path, text) => expect(wrongArrows(doctored(path, text))).toEqual([]));

  test('is entered by the index of a folder only', () => {
    expect(deepImports(sources)).toEqual([]);
    expect(deepImports(doctored('src/command/x.ts', "import { Hub } from '../livestream/hub.ts';"))).toHaveLength(1);
    expect(deepImports(doctored('src/command/x.test.ts', "import { Hub } from '../livestream/hub.ts';"))).toHaveLength(1);
    expect(deepImports(doctored('e2e/x.test.ts', "import { order } from '../src/shop/order/event.ts';"))).toHaveLength(1);
  });

  test('keeps what decides and projects away from clocks, disks and networks', () => {
    expect(impureImports(sources)).toEqual([]);
    for (const [path, name] of [
      ['src/decider/x.ts', 'node:fs'],
      ['src/event/x.ts', 'uuid'],
      ['src/projector/x.ts', 'better-sqlite3'],
      ['src/livestream/x.ts', 'node:http'],
      ['src/shop/order/decider.ts', 'node:crypto'],
    ] as const)
      expect(impureImports(doctored(path, `import type { x } from '${name}';`)), name).toHaveLength(1);
  });

  test('has no cycle, types included', () => {
    expect(cycles(sources)).toEqual([]);
    const two = [
      ...doctored('src/base/a.ts', "import type { B } from './b.ts';"),
      ...doctored('src/base/b.ts', "import { a } from './a.ts';"),
    ];
    expect(cycles(two)).toEqual(['src/base/a.ts → src/base/b.ts → src/base/a.ts']);
    expect(cycles(doctored('src/base/a.ts', "let a: typeof import('./a.ts');"))).toHaveLength(1);
  });

  test('has no file that nothing reaches', () => {
    expect(programs.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(unreached(sources, programs)).toEqual([]);
    expect(unreached(doctored('src/base/lonely.ts', ''), programs)).toHaveLength(1);
  });
});

describe('the code', () => {
  test('has no file over 300 lines and no function over 50', () => {
    expect(tooLong(sources)).toEqual([]);
    expect(tooLong(doctored('src/base/x.ts', '\n'.repeat(301).concat('1')))).toHaveLength(1);
    expect(tooLong(doctored('src/base/x.ts', `const f = () => {${'\n'.repeat(51)}}`))).toEqual([
      'src/base/x.ts f has 52 lines; 50 are allowed',
    ]);
    expect(tooLong(doctored('src/base/x.ts', `class A { get b() {${'\n'.repeat(51)}return 1;} }`))).toHaveLength(1);
  });

  test('uses nothing that is banned', () => expect(banned(sources)).toEqual([]));
  test.each(bans)('would not let a file say: $sample', ({ sample, instead }) => {
    expect(banned(doctored('src/event/x.ts', sample))).toEqual([expect.stringContaining(instead)]);
  });

  test('has no any', () => {
    expect(anys(sources)).toEqual([]);
    expect(anys(doctored('src/event/x.ts', '// Not any of these.\nlet x: Record<string, any[]>;'))).toHaveLength(1);
  });

  test('says why where it skips a test', () => {
    expect(silentSkips(sources)).toEqual([]);
    expect(silentSkips(doctored('e2e/x.test.ts', "test.skipIf(x)('y', z);"))).toHaveLength(1);
  });

  test('says what each export means', () => {
    expect(undocumented(sources)).toEqual([]);
    for (const text of ['export const x = 1;', 'const x = 1;\nexport { x };', 'export interface X {}', '// Why.\nexport function x() {}'])
      expect(undocumented(doctored('src/event/x.ts', `/** Y. */\nexport const y = 2;\n${text}`)), text).toHaveLength(1);
  });

  test('is short in the median', () => {
    const own = sources.filter(({ path }) => !isTest(path) && folderOf(path) !== 'tidy');
    const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
    const file = median(own.map(({ text }) => linesOf(text)));
    const fn = median(own.flatMap(({ parsed }) => functionsOf(parsed)).map(({ lines }) => lines));
    const framework = own.filter(({ path }) => !['shop', 'shell', ''].includes(folderOf(path)));
    const lines = framework.reduce((sum, { text }) => sum + linesOf(text), 0);
    console.log(`median file ${file} lines, median function ${fn} lines; framework ${lines} lines in ${framework.length} files`);
    expect(file).toBeLessThanOrEqual(80);
    expect(fn).toBeLessThanOrEqual(10);
  });
});

test('no text betrays a machine', () => {
  expect(betrays(keptTexts())).toEqual([]);
  const path = ['', 'home', 'ada', 'varve'].join('/');
  const lock = `"resolved": "https:${'//'}registry.example/x.tgz"`;
  for (const text of [`see ${path}`, lock, `registry${'='}x`]) expect(betrays([['x', text]]), text).toHaveLength(1);
});
