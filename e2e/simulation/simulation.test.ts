import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { realBuild } from './build.ts';
import { campaign } from './campaign.ts';
import { doctored } from './doctored.ts';
import { simulate, type Tally } from './simulate.ts';

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);

describe('a seed', () => {
  test('is the same world again, to the last step', async () => {
    const [one, again] = [await simulate(11, { isTraceKept: true }), await simulate(11, { isTraceKept: true })];
    expect(one.lines.length).toBeGreaterThan(300);
    expect(again.lines).toEqual(one.lines);
    expect(again).toEqual(one);
  });

  test('is the same world in another process', async () => {
    const program = new URL('./main.ts', import.meta.url).pathname;
    const { stdout } = await run(process.execPath, [program, '--seed', '12', '--runs', '1', '--trace'], { maxBuffer: 64 * 1024 * 1024 });
    const { lines, digest } = await simulate(12, { isTraceKept: true });
    expect(stdout).toBe([...lines, digest, ''].join('\n'));
  });
});

test('of 2,000 seeds, or as many as a minute has room for, none finds anything', async () => {
  const { played, seconds, total, failed } = await campaign({ firstSeed: 1, runs: 2_000, threads: 2, secondsMax: 60 });
  console.log(`${played} seeds in ${seconds.toFixed(1)} s: ${JSON.stringify(total)}`);
  expect(failed).toEqual([]);
  // Too little would be no check.
  expect(played).toBeGreaterThan(40);
  const often = { accepted: 10, refused: 3, lostAnswers: 1, replayed: 1, connections: 8, messages: 8, crashes: 0.2, stops: 0.2, cuts: 0.3 };
  const seldom = { resyncs: 0.03, recovered: 0.02, full: 0.05, 'dies before': 0.05, 'dies after': 0.1 };
  for (const [what, times] of Object.entries({ ...often, ...seldom }))
    expect((total?.[what as keyof Tally] ?? 0) / played, what).toBeGreaterThan(times);
});

describe('within 200 seeds is found', () => {
  test.each(Object.entries(doctored))('%s', async (_, { finds, ...parts }) => {
    const build = { ...realBuild, ...parts };
    const found = new Set<string>();
    let seed = 0;
    for (; seed < 200 && !found.has(finds); seed += 1) for (const { code } of (await simulate(seed, { build })).findings) found.add(code);
    console.log(`${finds} after ${seed} seeds; ${[...found].join(', ')}`);
    expect([...found]).toContain(finds);
  });
});
