import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openPostgresStore } from '#eventstore';
import { runVarve, startServing, temporaryFolder, varve } from '../server-process.ts';
import { makeRoot, makeServerCertificate, opensslMissing } from './certificates.ts';
import { Fleet } from './fleet.ts';
import { asked, serverMissing, serverUser, startOwnServer } from './pgserver.ts';

const missing = serverMissing() ?? opensslMissing();
const patienceMs = 60_000;
const connectionsMax = 40;

/** PostgreSQL that encrypts, is known as `localhost`, and asks the role `guest` for a password. */
async function startGuarded(certificates: string) {
  makeRoot(certificates, 'root');
  makeRoot(certificates, 'other');
  makeServerCertificate(certificates, { name: 'server', root: 'root', host: 'localhost' });
  const [certificate, key] = [join(certificates, 'server.crt'), join(certificates, 'server.key')];
  const user = serverUser();
  if (user) {
    chownSync(certificates, user.uid, user.gid);
    chownSync(key, user.uid, user.gid);
  }
  chmodSync(key, 0o600);
  return startOwnServer({
    settings: [`max_connections=${connectionsMax}`, 'ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`],
    prepare: (folder) => {
      const file = join(folder, 'pg_hba.conf');
      writeFileSync(file, `host all guest all scram-sha-256\n${readFileSync(file, 'utf8')}`);
    },
  });
}

/** Takes every connection that there is, from all who have one, until it is disposed of. */
async function fillTable(url: string): Promise<AsyncDisposable> {
  const taken: pg.Client[] = [];
  const take = async () => {
    const client = new pg.Client({ connectionString: url, application_name: 'hog' });
    client.on('error', () => undefined);
    await client.connect();
    taken.push(client);
    return client;
  };
  const first = await take();
  const others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'hog'";
  // Whoever loses one tries to get it back: until nobody has any, and none is left.
  for (let isLeft = true; isLeft; ) {
    const { rows } = await first.query(`SELECT pg_terminate_backend(pid) ${others}`);
    const before = taken.length;
    while (await take().catch(() => undefined));
    isLeft = rows.length > 0 || taken.length > before;
  }
  return { [Symbol.asyncDispose]: async () => void (await Promise.all(taken.map((client) => client.end()))) };
}

describe.skipIf(missing !== undefined)(missing === undefined ? 'a PostgreSQL server' : `a PostgreSQL server (skipped: ${missing})`, () => {
  const all = new AsyncDisposableStack();
  let certificates = '';
  let url = '';
  beforeAll(async () => {
    certificates = all.use(temporaryFolder()).path;
    url = all.use(await startGuarded(certificates)).server.url;
  }, patienceMs);
  afterAll(() => all.disposeAsync());
  /** The URL by a mode, at a host, with a root certificate. */
  const urlWith = (mode: string, host: string, root?: string) => {
    const certificate = root === undefined ? '' : `&sslrootcert=${encodeURIComponent(join(certificates, `${root}.crt`))}`;
    return `${url.replace('127.0.0.1', host)}?sslmode=${mode}${certificate}`;
  };

  test.each([
    ['require', '127.0.0.1', undefined],
    ['verify-ca', '127.0.0.1', 'root'],
    ['verify-full', 'localhost', 'root'],
  ])('that encrypts is written to by sslmode=%s at %s', async (mode, host, root) => {
    const store = await openPostgresStore(urlWith(mode, host, root));
    const encrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    expect(await store.transaction(({ connection }) => connection.read(encrypted))).toEqual([[true]]);
    await store.close();
  });

  test.each([
    ['verify-full', '127.0.0.1', 'root', /altnames|IP/],
    ['verify-full', 'localhost', undefined, /certificate/],
    ['verify-ca', 'localhost', 'other', /certificate/],
    ['require', 'localhost', 'other', /certificate/],
  ])('whose certificate does not do for sslmode=%s at %s is not written to, and it is said why', async (mode, host, root, why) => {
    await expect(openPostgresStore(urlWith(mode, host, root))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('certificate is not trusted'),
      hint: expect.stringContaining('sslrootcert'),
      cause: { message: expect.stringMatching(why) },
    });
  });

  test('whose root certificate cannot be read is a matter of configuration', async () => {
    await expect(openPostgresStore(urlWith('verify-full', 'localhost', 'nowhere'))).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      hint: expect.stringContaining('sslrootcert'),
    });
  });

  test('lets nobody in by a password that has expired, says what to look at, and lets them in when it is prolonged', async () => {
    const prolong = (until: string) => asked(url, `ALTER ROLE guest VALID UNTIL '${until}'`);
    await asked(url, "CREATE ROLE guest LOGIN PASSWORD 'hush'");
    await asked(url, 'GRANT CREATE ON DATABASE postgres TO guest');
    const guest = url.replace('varve@', 'guest:hush@');
    await prolong('2020-01-01');
    const refused = { code: 'STORE_UNAVAILABLE', retryable: true, hint: expect.stringContaining('VALID UNTIL') };
    await expect(openPostgresStore(guest, { log: 'guests' })).rejects.toMatchObject(refused);
    await prolong('infinity');
    const store = await openPostgresStore(guest, { log: 'guests' });
    expect(await store.position()).toBe(0);
    await store.close();
  });

  test('that has no connection left is said to have none, at a start and by two servers that lose theirs; they go on when there are some, and have lost nothing', async () => {
    await using fleet = new Fleet({ seed: 20261130, store: url, ways: [url, url], writers: 3 });
    await fleet.begin();
    await fleet.accepts(10, patienceMs);
    const health = async () => (await fetch(new URL('/health', fleet.urlOf(0)))).json();
    {
      await using _ = await fillTable(url);
      expect(await health()).toMatchObject({ status: 'unavailable', store: 'postgres', parts: { store: 'STORE_UNAVAILABLE' } });
      expect(await fleet.resend(0)).toMatchObject({ is: 'refused', why: 'STORE_UNAVAILABLE' });
      const { code, err } = await runVarve('serve', '--port', '0', '--store', url);
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/takes no more connections.*\nRaise max_connections.*\n\(STORE_UNAVAILABLE\)/),
      ]);
    }
    for (const server of [0, 1]) expect(await fleet.probe(server, patienceMs), fleet.said(server)).toBeDefined();
    // Whether it can write is looked at each second.
    await vi.waitFor(async () => expect(await health()).toMatchObject({ status: 'ok', parts: { store: 'ok', writer: 'ok' } }), patienceMs);
    const { findings } = await fleet.check(await fleet.finish());
    expect(findings).toEqual([]);
  }, 300_000);

  test('that lets a server read and, its connection to write by once lost, no longer write is told of as such', async () => {
    await using server = await startServing([varve, 'serve', '--store', url, '--log', 'lone'], { PORT: '0' });
    const health = async () => (await fetch(new URL('/health', server.url))).json();
    await vi.waitFor(async () => expect(await health()).toMatchObject({ status: 'ok', parts: { store: 'ok', writer: 'ok' } }));
    const elsewhere = url.replace(/postgres$/, 'template1');
    const allow = (isAllowed: boolean) => asked(elsewhere, `ALTER DATABASE postgres ALLOW_CONNECTIONS ${isAllowed}`);
    await allow(false);
    try {
      await asked(elsewhere, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND query = 'COMMIT'");
      const away = { status: 'unavailable', parts: { store: 'ok', writer: 'STORE_UNAVAILABLE' } };
      await vi.waitFor(async () => expect(await health()).toMatchObject(away), patienceMs);
    } finally {
      await allow(true);
    }
    await vi.waitFor(async () => expect(await health()).toMatchObject({ status: 'ok', parts: { writer: 'ok' } }), patienceMs);
    expect(await server.end('SIGTERM')).toBe(0);
  }, 180_000);
});
