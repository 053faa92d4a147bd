import { expect, onTestFinished, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { administer, describePostgres, logsOfTest, newDatabase, newLog, testUrl } from './postgres.fixture.ts';
import { openPostgresStore } from './postgres.ts';
import { assertServer } from './server.ts';

/** The tests' URL with something else in it. */
function urlWith(change: (url: URL) => void): string {
  const url = new URL(testUrl());
  change(url);
  return url.href;
}

/** A role that may connect, with what else it is given; dropped when the test is over. */
async function role(more = ''): Promise<{ readonly name: string; readonly url: string }> {
  const name = newLog();
  await administer(`CREATE ROLE ${name} LOGIN PASSWORD 'hush' ${more}`);
  onTestFinished(async () => {
    await administer(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`);
  });
  return {
    name,
    url: urlWith((url) => {
      url.username = name;
      url.password = 'hush';
    }),
  };
}

/** What an administrator is told to run. */
const statementsIn = (fault: { readonly hint?: unknown }): string => String(fault.hint).replace(/^[^:]*: /, '');

describePostgres('opening', () => {
  test('by many processes at once makes one log, and each of them writes to it', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    const stores = await Promise.all(Array.from({ length: 8 }, () => logs.open({ log })));
    await Promise.all(stores.map((store, i) => store.append([newEvent(`a-${i}`)])));
    expect(await stores[0]?.position()).toBe(8);
  });

  test('another log of the same database makes another log', async () => {
    const logs = logsOfTest();
    const [one, two] = [await logs.open(), await logs.open()];
    await one.append([newEvent('a-1')]);
    expect([await one.position(), await two.position()]).toEqual([1, 0]);
  });

  test('a log that is there changes nothing', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    const store = await logs.open({ log });
    await store.append([newEvent('a-1'), newEvent('a-1')]);
    await store.close();
    const again = await logs.open({ log });
    expect([await again.position(), (await again.append([newEvent('a-1')]))[0]?.version]).toEqual([2, 3]);
  });

  test('a log that a newer version has migrated is refused, and not touched', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    await (await logs.open({ log })).close();
    await administer(`INSERT INTO ${log}.__drizzle_migrations (hash, created_at) VALUES ('new', 9999999999999)`);
    await expect(logs.open({ log })).rejects.toMatchObject({ code: 'LOG_TOO_NEW' });
  });

  test('a log whose lock is gone is not written to', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    const store = await logs.open({ log });
    await administer(`DELETE FROM ${log}.write_lock`);
    await expect(store.append([newEvent('a-1')])).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    expect(await store.position()).toBe(0);
  });

  test('does the same whatever the role or the database have set for all their connections', async () => {
    const settings = [
      'default_transaction_isolation=serializable',
      'array_nulls=off',
      'standard_conforming_strings=off',
      'bytea_output=escape',
    ];
    const url = urlWith((it) => it.searchParams.set('options', settings.map((one) => `-c ${one}`).join(' ')));
    const [logs, log] = [logsOfTest(), newLog()];
    const stores = await Promise.all(Array.from({ length: 4 }, () => logs.open({ log, url })));
    await Promise.all(stores.map((store) => store.append([newEvent('a-1', { tags: ['\\', 'NULL'] })])));
    const again = await logs.open({ log });
    expect([await again.head(), await again.readTagged([{ tags: ['\\', 'NULL'] }])]).toMatchObject([{ position: 4 }, { length: 4 }]);
    const kept = await stores[0]?.transaction(({ connection }) =>
      connection.read('SELECT * FROM unnest($1::text[])', [[null, 'NULL', '\\']]),
    );
    expect(kept).toEqual([[null], ['NULL'], ['\\']]);
  });

  test('what breaks amid a migration leaves nothing, and the next start makes it', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    await administer(`CREATE SCHEMA ${log}; CREATE TABLE ${log}.events (x int)`);
    await expect(logs.open({ log })).rejects.toThrow('already exists');
    expect(await administer('SELECT tablename FROM pg_tables WHERE schemaname = $1', [log])).toEqual([{ tablename: 'events' }]);
    await administer(`DROP TABLE ${log}.events`);
    expect(await (await logs.open({ log })).position()).toBe(0);
  });

  test('as a role without rights prints the statements that give them; once they are run, it opens', async () => {
    const { name, url } = await role();
    const [logs, log] = [logsOfTest(), newLog()];
    const missing = (hint: unknown) => ({ code: 'STORE_RIGHTS_MISSING', message: expect.stringContaining(name), hint });
    const database = new URL(url).pathname.slice(1);
    await expect(logs.open({ log, url })).rejects.toMatchObject(
      missing(expect.stringContaining(`GRANT CREATE ON DATABASE ${database} TO ${name};`)),
    );
    await (await logs.open({ log })).close();
    const refused = await logs.open({ log, url }).catch((fault) => fault);
    expect(refused).toMatchObject(missing(expect.stringContaining('GRANT USAGE, CREATE ON SCHEMA')));
    await administer(statementsIn(refused));
    const store = await logs.open({ log, url });
    await store.append([newEvent('a-1')]);
    expect(await store.position()).toBe(1);
  });

  test('as a role without any right in its database needs those that are printed, and none to the schema public', async () => {
    const { name, url: elsewhere } = await role();
    const url = Object.assign(new URL(elsewhere), { pathname: new URL(await newDatabase()).pathname }).href;
    const database = new URL(url).pathname.slice(1);
    await administer(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
    await expect(openPostgresStore(url)).rejects.toMatchObject({
      code: 'STORE_RIGHTS_MISSING',
      message: expect.stringContaining(database),
    });
    await administer(`GRANT CONNECT ON DATABASE ${database} TO ${name}`);
    await administer(statementsIn(await openPostgresStore(url).catch((fault) => fault)));
    const store = await openPostgresStore(url);
    onTestFinished(() => store.close());
    await store.append([newEvent('a-1')]);
    expect(await store.position()).toBe(1);
  });

  test('with a role that has no more connections says what to do', async () => {
    const { name, url } = await role('CONNECTION LIMIT 1 IN ROLE pg_read_all_data');
    await administer(`GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO ${name}`);
    const logs = logsOfTest();
    const store = await logs.open({ url });
    await expect(store.position()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', hint: expect.stringContaining('max_connections') });
    await store.close();
  });

  test('a database of another encoding is refused', async () => {
    const url = await newDatabase("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    await expect(openPostgresStore(url)).rejects.toMatchObject({ code: 'BAD_CONFIGURATION', message: expect.stringContaining('LATIN1') });
  });

  test('a server that takes no writes is refused, and where there is another one in the URL that one is taken', async () => {
    const readOnly = urlWith((url) => {
      url.search = '?options=-c%20default_transaction_read_only%3Don';
    });
    await expect(openPostgresStore(readOnly)).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  });

  test('the servers of a URL are tried one after the other', async () => {
    const { host } = new URL(testUrl());
    const url = testUrl().replace(host, `127.0.0.1:1,${host}`);
    const store = await logsOfTest().open({ url: `${url}?target_session_attrs=read-write` });
    expect(await store.append([newEvent('a-1')])).toHaveLength(1);
  });

  test.each([
    ['no server', { port: '1' }, 'ECONNREFUSED'],
    ['no database', { pathname: '/nowhere' }, 'does not exist'],
    ['no such role', { username: 'nobody', password: 'verysecret' }, 'nobody'],
  ])('where there is %s says so, without the password', async (_, change, cause) => {
    const url = urlWith((it) => Object.assign(it, change));
    const fault = await openPostgresStore(url).catch((thrown) => thrown);
    expect(fault).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      hint: expect.any(String),
      cause: { message: expect.stringContaining(cause) },
    });
    expect([fault, fault.cause].map(String).join()).not.toContain('verysecret');
  });
});

test('a server before PostgreSQL 15 is refused', async () => {
  const link = { say: async () => ({ command: 'SELECT', rows: [[140_012, '14.12', 'UTF8']] }) };
  const address = { urls: [], place: 'postgres://one/shop', target: 'any' } as const;
  await expect(assertServer(link, address, '"varve"')).rejects.toMatchObject({
    code: 'STORE_TOO_OLD',
    message: expect.stringContaining('14.12'),
  });
});
