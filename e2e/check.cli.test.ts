import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { Checked } from '#varve';
import { databaseFile, withDatabase } from './data-folder.ts';
import { pause, startLoad, stockUp } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder } from './server-process.ts';
import { sql } from './tamper.ts';
import { tradeIn } from './trade.ts';

// Processes that start beside other work may take their time.
vi.setConfig({ testTimeout: 60_000 });

describe('varve check', () => {
  const checkAt = (folder: string, ...args: readonly string[]) => runVarve('check', '--data', folder, ...args);

  test('says beside a server under load that nothing will change, and of what it left that a row is wrong', async () => {
    using folder = temporaryFolder();
    await using server = await startServerProcess(folder.path);
    await stockUp(server.url);
    const load = startLoad(server.url, 1);
    await load.reaches(5);
    const before = load.accepted.length;
    const [words, json] = await Promise.all([checkAt(folder.path), checkAt(folder.path, '--json')]);
    await pause(0);
    expect(load.accepted.length).toBeGreaterThan(before);
    expect([...load.refused, ...load.unanswered]).toEqual([]);
    // In a pipe nothing is drawn.
    expect([words.code, words.err, json.code, json.err]).toEqual([0, '', 0, '']);
    expect(words.out).toContain('and the read table users: stays, with 1 row\n');
    expect(words.out).toContain('Nothing stands in the way; the rebuild changes 0 rows.\n');
    const { tables, ...checked } = JSON.parse(json.out) as Checked;
    expect(checked).toMatchObject({
      ok: true,
      rowsToChange: 0,
      errors: 0,
      warnings: 0,
      counts: {},
      findings: [],
      seconds: expect.any(Number),
    });
    expect(tables.map(({ state }) => state)).toEqual(Array(4).fill('kept'));
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
    await load.ended;
    withDatabase(folder.path, sql('UPDATE users SET orderCount = 0'));
    const differing = await checkAt(folder.path);
    expect([differing.code, differing.err]).toEqual([1, '']);
    expect(differing.out).toMatch(
      /error ROW_DIFFERS: The row "ada" of users has orderCount 0.*\n.*users: would stay, .* raise its revision/s,
    );
  });

  test('says which rows of stale tables change, and which events stand in the way', async () => {
    using folder = temporaryFolder();
    // Another reader of the program's text, the test's runner, has built them: for a process they are all stale.
    await tradeIn(folder.path);
    withDatabase(folder.path, sql("UPDATE users SET orderCount = 77 WHERE userId = 'ada'; DELETE FROM products WHERE sku = 'heart'"));
    const changing = await checkAt(folder.path);
    expect([changing.code, changing.err]).toEqual([0, '']);
    expect(changing.out).toContain('users: will be rebuilt, with 2 rows: 1 row will change (orderCount 1); 0 come, 0 go\n');
    expect(changing.out).toContain('  the row "ada": orderCount 77 becomes 3\n');
    expect(changing.out).toContain('  the row "heart" comes\n');
    expect(changing.out).toContain('Nothing stands in the way; the rebuild changes 2 rows.\n');
    withDatabase(folder.path, sql("UPDATE events SET type = 'ProductLost' WHERE position = 4"));
    const [words, json] = await Promise.all([checkAt(folder.path), checkAt(folder.path, '--json')]);
    expect([words.code, json.code, words.err]).toEqual([1, 1, '']);
    expect(words.out).toContain('error EVENT_UNREADABLE: The event at position 4, ProductLost version 1, cannot be read');
    expect(words.out).toContain('1 error: mend that first; 1 warning.\n');
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, errors: 1, counts: { EVENT_UNREADABLE: 1 } });
  });

  test('that cannot be done ends with 2, of a damaged file with 1, and says what to do', async () => {
    using folder = temporaryFolder();
    using damaged = temporaryFolder();
    await tradeIn(damaged.path);
    const bytes = readFileSync(databaseFile(damaged.path));
    writeFileSync(databaseFile(damaged.path), bytes.fill(0xff, 4_096));
    const runs = await Promise.all([
      checkAt(folder.path, '--json'),
      checkAt(' '),
      checkAt(folder.path, '--head', '1:'),
      checkAt(damaged.path),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2, 1]);
    expect(runs.map(({ err }) => /NO_LOG|BAD_CONFIGURATION|unknown option|STORAGE_CORRUPT/.exec(err)?.[0])).toEqual([
      ...['NO_LOG', 'BAD_CONFIGURATION', 'unknown option', 'STORAGE_CORRUPT'],
    ]);
    expect(JSON.parse(runs[0]?.out ?? '')).toEqual({ error: { code: 'NO_LOG', message: expect.any(String), hint: expect.any(String) } });
    for (const { err } of runs) expect(err).not.toMatch(/^\s+at /m);
    const { code, out } = await runVarve('check', '--help');
    expect(code).toBe(0);
    for (const words of [/^ +0 +where/m, /^ +1 +where/m, /^ +2 +where/m, 'Example:\n  varve check ']) expect(out).toMatch(words);
  });
});
