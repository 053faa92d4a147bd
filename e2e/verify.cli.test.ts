import { describe, expect, test, vi } from 'vitest';
import { shop } from '#shop';
import { verify } from '#varve';
import { withDatabase } from './data-folder.ts';
import { pause, startLoad, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

/** A folder that a server has written to: five events, two of them orders of Ada's. */
async function served(folder: string): Promise<void> {
  await using server = await startServerProcess(folder);
  const { register, add, place, pay } = shopClient(server.url);
  await register('ada', 'Ada');
  await add('lantern', 50);
  for (const orderId of ['1', '2']) await place(orderId, 'ada', 'lantern', 1);
  await pay('1');
  await server.end('SIGTERM');
}

const headLine = /^(\d+):([0-9a-f]{64})\n$/;

describe('varve head and varve verify', () => {
  test('say that all is well, in words and in JSON', async () => {
    using folder = temporaryFolder();
    await served(folder.path);
    const at = ['--data', folder.path];
    const [head, headJson, words, json] = await Promise.all([
      runVarve('head', ...at),
      runVarve('head', ...at, '--json'),
      runVarve('verify', ...at),
      runVarve('verify', ...at, '--json'),
    ]);
    const [, position, hash] = headLine.exec(head.out) ?? [];
    expect([position, head.code, head.err]).toEqual(['5', 0, '']);
    expect([JSON.parse(headJson.out), headJson.code]).toEqual([{ position: 5, hash }, 0]);
    // In a pipe nothing is drawn.
    expect([words.code, words.err]).toEqual([0, '']);
    expect(words.out).toContain(`5:${hash}`);
    expect(words.out).toContain('All is well.');
    expect([json.code, JSON.parse(json.out)]).toEqual([
      0,
      {
        ok: true,
        head: { position: 5, hash },
        tables: ['users', 'products', 'orders', 'daily_sales'].map((name) => ({ name, rows: expect.any(Number), state: 'equal' })),
        errors: 0,
        warnings: 0,
        counts: {},
        findings: [],
        seconds: expect.any(Number),
      },
    ]);
    const noted = await runVarve('verify', ...at, '--head', head.out);
    expect([noted.code, noted.err]).toEqual([0, '']);
  });

  test('say what is wrong, and end with 1', async () => {
    using folder = temporaryFolder();
    await served(folder.path);
    const head = await runVarve('head', '--data', folder.path);
    withDatabase(folder.path, (db) => db.exec("UPDATE events SET event_id = 'mine' WHERE position = 5; UPDATE users SET orderCount = 7"));
    const [words, json, lost] = await Promise.all([
      runVarve('verify', '--data', folder.path),
      runVarve('verify', '--data', folder.path, '--json'),
      runVarve('verify', '--data', folder.path, '--head', `99:${headLine.exec(head.out)?.[2]}`),
    ]);
    expect([words.code, json.code, lost.code]).toEqual([1, 1, 1]);
    expect(words.out).toContain('error CHAIN_BROKEN: The event at position 5, OrderPaid: ');
    expect(words.out).toContain('error ROW_DIFFERS: The row "ada" of users has orderCount 7; the log gives 2.');
    expect(words.out).toContain('2 errors');
    expect(lost.out).toContain('HEAD_LOST');
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, errors: 2, counts: { CHAIN_BROKEN: 1, ROW_DIFFERS: 1 } });
    expect(words.err + json.err + lost.err).toBe('');
  });

  test('that cannot be done end with 2 and say what to do', async () => {
    using folder = temporaryFolder();
    const at = ['--data', folder.path];
    const runs = await Promise.all([
      runVarve('head', ...at),
      runVarve('verify', ...at),
      runVarve('verify', ...at, '--json'),
      runVarve('verify', ...at, '--head', '15'),
      runVarve('verify', ...at, '--head', '0:'.padEnd(66, 'a')),
      runVarve('verify', '--daat', folder.path),
      runVarve('head', '--data', ' '),
    ]);
    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 2));
    expect(runs.map(({ err }) => /NO_LOG|BAD_CONFIGURATION|unknown option/.exec(err)?.[0])).toEqual([
      ...Array(3).fill('NO_LOG'),
      ...Array(2).fill('BAD_CONFIGURATION'),
      'unknown option',
      'BAD_CONFIGURATION',
    ]);
    expect(JSON.parse(runs[2]?.out ?? '')).toEqual({ error: { code: 'NO_LOG', message: expect.any(String), hint: expect.any(String) } });
    for (const { err } of runs) expect(err).not.toMatch(/^\s+at /m);
  });

  test('have a help with exit codes and an example', async () => {
    for (const name of ['head', 'verify']) {
      const { code, out } = await runVarve(name, '--help');
      expect(code).toBe(0);
      for (const words of [/^ +0 +where/m, /^ +1 +where/m, /^ +2 +where/m, `Example:\n  varve ${name} `]) expect(out).toMatch(words);
    }
  });
});

test('beside a server under load nothing is found, and a head that was read then stays true', async () => {
  using folder = temporaryFolder();
  await using server = await startServerProcess(folder.path);
  const empty = await runVarve('head', '--data', folder.path);
  expect([empty.code, empty.out]).toEqual([0, '0:\n']);
  await stockUp(server.url);
  const load = startLoad(server.url, 8);
  await load.reaches(50);
  const head = await runVarve('head', '--data', folder.path);
  expect(head.out).toMatch(headLine);
  const before = load.accepted.length;
  const runs = [];
  for (let round = 0; round < 3; round++) runs.push(await runVarve('verify', '--data', folder.path, '--head', head.out, '--json'));
  await pause(0);
  // It was under load all the while, and the load did not notice.
  expect(load.accepted.length).toBeGreaterThan(before);
  expect([...load.refused, ...load.unanswered]).toEqual([]);
  const found = runs.map(({ code, out }) => ({ code, ...(JSON.parse(out) as { head: { position: number }; findings: unknown[] }) }));
  expect(found.map(({ code, findings }) => [code, findings])).toEqual([0, 0, 0].map((code) => [code, []]));
  expect(found.map(({ head: { position } }) => position)).toEqual(
    found.map(({ head: { position } }) => position).toSorted((a, b) => a - b),
  );
  expect(await server.end('SIGKILL')).toBe('SIGKILL');
  await load.ended;
  // As a killed process leaves it; also for a process that reads the program's text in another way, and so takes the tables for stale.
  expect((await runVarve('verify', '--data', folder.path, '--head', head.out)).code).toBe(0);
  const { ok, warnings, tables } = await verify(shop, folder.path, { staleToo: true });
  expect([ok, warnings, tables.map(({ state }) => state)]).toEqual([true, 4, Array(4).fill('equal')]);
});
