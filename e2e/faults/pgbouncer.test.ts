import { describe, expect, test } from 'vitest';
import { describePostgres, testUrl } from '../../src/eventstore/postgres/postgres.fixture.ts';
import { Fleet } from './fleet.ts';
import { pgbouncerMissing, startPgbouncer } from './pgbouncer.ts';

const missing = pgbouncerMissing();
const patienceMs = 60_000;

describe.skipIf(missing !== undefined)(missing === undefined ? 'PgBouncer' : `PgBouncer (skipped: ${missing})`, () => {
  describePostgres('in transaction mode between two servers and their log', () => {
    test('loses nothing, is killed and started again, and so is a server; nobody listens through it', async () => {
      await using bouncer = await startPgbouncer(testUrl());
      // One of them is told by a way past it, the other one looks.
      const environment = (server: number): Readonly<Record<string, string>> => (server === 0 ? {} : { VARVE_LISTEN_STORE: testUrl() });
      await using fleet = new Fleet({ seed: 20261130, store: testUrl(), ways: [bouncer.url, bouncer.url], writers: 4, environment });
      const probed = async (server: number) => expect(await fleet.probe(server, patienceMs), fleet.said(server)).toBeDefined();
      await fleet.begin();
      await fleet.accepts(20, patienceMs);
      await bouncer.kill();
      const { status } = await fetch(new URL('/health', fleet.urlOf(0)));
      expect(status).toBe(503);
      await bouncer.start();
      for (const server of [0, 1]) await probed(server);
      await fleet.kill(1);
      await probed(0);
      await fleet.start(1);
      await probed(1);
      await fleet.accepts(20, patienceMs);
      const history = await fleet.finish();
      const { stored, findings } = await fleet.check(history);
      expect(findings).toEqual([]);
      expect(stored.events.length).toBeGreaterThan(20);
      expect(bouncer.said()).not.toContain("packet 'A'");
    }, 300_000);
  });
});
