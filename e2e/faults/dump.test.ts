import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { administer, testUrl } from '../../src/eventstore/postgres/postgres.fixture.ts';
import { subscribe } from '../client.ts';
import { LogEventsDocument } from '../generated/graphql.ts';
import { temporaryFolder } from '../server-process.ts';
import { Fleet } from './fleet.ts';
import { dumpsOf } from './pgdump.ts';

const url = process.env['VARVE_TEST_POSTGRES'];
const dumps = url === undefined ? { missing: `no PostgreSQL, ${process.env['VARVE_TEST_POSTGRES_MISSING']}` } : await dumpsOf(url);
const why = 'missing' in dumps ? dumps.missing : undefined;
const title = 'a log that is dumped, and restored into another database';

describe.skipIf(why !== undefined)(why === undefined ? title : `${title} (skipped: ${why})`, () => {
  test('goes on as it was: positions, receipts, and live streams from where they were', async () => {
    const name = `varve_restored_${process.pid}`;
    const elsewhere = new URL(testUrl());
    elsewhere.pathname = `/${name}`;
    await administer(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
    try {
      await using fleet = new Fleet({ seed: 20261130, store: testUrl(), ways: [testUrl(), elsewhere.href], writers: 0 });
      await fleet.start(0);
      for (let i = 0; i < 5; i++) expect(await fleet.probe(0, 20_000)).toBeTypeOf('number');
      const { sendings } = fleet.recorder.history();
      expect(await fleet.end(0, 'SIGTERM')).toBe(0);
      restore(fleet.log, testUrl(), elsewhere.href);

      await fleet.start(1);
      await using stream = await subscribe(fleet.urlOf(1), LogEventsDocument, { after: '2' });
      expect(await positions(stream, 3)).toEqual([3, 4, 5]);
      // Sent again, a command is known there: its receipt came along.
      expect(await fleet.resend(1)).toMatchObject({ is: 'accepted', replayed: true, position: positionOf(sendings[0]) });
      await fleet.probe(1, 20_000);
      expect(await positions(stream, 1)).toEqual([6]);
      const { findings } = await fleet.check(await fleet.finish(), elsewhere.href);
      expect(findings).toEqual([]);
    } finally {
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  }, 300_000);
});

const positionOf = (sending: ReturnType<Fleet['recorder']['history']>['sendings'][number] | undefined) =>
  sending?.answer.is === 'accepted' ? sending.answer.position : undefined;

async function positions(stream: { next(): Promise<{ events: { position: unknown } }> }, count: number): Promise<readonly number[]> {
  const told: number[] = [];
  while (told.length < count) told.push(Number((await stream.next()).events.position));
  return told;
}

function restore(log: string, from: string, to: string): void {
  using folder = temporaryFolder();
  const file = join(folder.path, 'dump');
  const run = (program: string, ...words: readonly string[]) =>
    execFileSync(join('folder' in dumps ? dumps.folder : '', program), words, { stdio: 'pipe' });
  run('pg_dump', '--format=custom', `--schema=${log}`, `--file=${file}`, `--dbname=${from}`);
  run('pg_restore', '--exit-on-error', `--dbname=${to}`, file);
}
