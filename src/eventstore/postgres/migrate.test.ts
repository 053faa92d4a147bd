import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Link } from './link.ts';
import { migrateLog } from './migrate.ts';
import { administer, administrator, describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';
import { told } from './turn.ts';

test('migrations name no schema: each log is one', () => {
  const folder = join(import.meta.dirname, '../../../drizzle/postgres');
  const files = globSync('*.sql', { cwd: folder });
  expect(files.length).toBeGreaterThan(0);
  // drizzle-kit puts one before the names of views.
  for (const file of files) expect(readFileSync(join(folder, file), 'utf8'), file).not.toMatch(/"?public"?\./);
});

describePostgres('the tables of a log', () => {
  test('are waited for only so long where another process brings them up to date', async () => {
    const log = newLog();
    const [other, link] = [await administrator(), await Link.open(testUrl())];
    onTestFinished(async () => {
      await other.end();
      await link.close();
    });
    await other.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`varve ${log}`]);
    const waited = await migrateLog(link, log, 100).catch(told);
    expect(waited).toMatchObject({ code: 'LOG_BUSY', retryable: true });
    expect(await administer('SELECT FROM pg_namespace WHERE nspname = $1', [log])).toEqual([]);
  });

  test('order all their texts by their bytes, as SQLite does, whatever the database does', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    await logs.open({ log });
    const texts = await administer(
      `SELECT table_name, column_name, collation_name FROM information_schema.columns
       WHERE table_schema = $1 AND data_type = 'text' AND table_name <> '__drizzle_migrations'`,
      [log],
    );
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter(({ collation_name }) => collation_name !== 'C')).toEqual([]);
  });
});
