import { describe, expect, test, vi } from 'vitest';
import { openPostgresReader, openPostgresReplica } from '#eventstore';
import { type Answer, codeOf } from './client.ts';
import { startCluster } from './faults/cluster.ts';
import { asked, serverMissing } from './faults/pgserver.ts';
import { ProductDocument, RestockProductDocument } from './generated/graphql.ts';
import { pause } from './load.ts';
import { runVarve, startServing, varve } from './server-process.ts';
import { shopClient } from './shop-client.ts';

const missing = serverMissing();
const title = 'a server that reads from a hot standby';

describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (skipped: ${missing})`, () => {
  test('answers commands from the primary, reads as it stands, waits for what is demanded, and says what is in its way', async () => {
    await using cluster = await startCluster({ isAsync: true, standbySettings: ['max_standby_streaming_delay=0'] });
    const [primary, standby] = cluster.urls;
    await using server = await startServing([varve, 'serve', '--store', primary, '--read-store', standby], { PORT: '0' });
    const api = shopClient(server.url);
    const stock = (atLeast?: string) =>
      api.ask(ProductDocument, { sku: 'lantern' }, atLeast === undefined ? {} : { 'varve-at-least': atLeast });
    const restock = (headers: Readonly<Record<string, string>> = {}) =>
      api.ask(RestockProductDocument, { input: { sku: 'lantern', quantity: 1 } }, headers);
    await api.add('lantern', 5);
    expect(await stock('1')).toMatchObject({ data: { product: { stock: 5 } }, extensions: { position: '1' } });

    await standStill(standby);
    expect(await restock()).toMatchObject({ data: { restockProduct: { position: '2', product: { stock: 6 } } } });
    // Whoever demands something of a command that it does not read from the standby is not kept waiting.
    expect(await restock({ 'varve-at-least': '2' })).toMatchObject({ data: { restockProduct: { position: '3', product: { stock: 7 } } } });
    expect(await stock()).toMatchObject({ data: { product: { stock: 5 } }, extensions: { position: '1' } });
    const begun = performance.now();
    const unrelated = runVarve('serve', '--port', '0', '--store', primary, '--read-store', standby.replace(/postgres$/, 'template1'));
    const behind: Answer<unknown> = await stock('3');
    expect([codeOf(behind), behind.errors?.[0]?.extensions?.['retryable']]).toEqual(['REPLICA_BEHIND', true]);
    expect(performance.now() - begun).toBeGreaterThan(4_900);
    const waiting = stock('3');
    await pause(200);
    await asked(standby, 'SELECT pg_wal_replay_resume()');
    expect(await waiting).toMatchObject({ data: { product: { stock: 7 } }, extensions: { position: '3' } });
    expect(await unrelated).toMatchObject({ code: 1, err: expect.stringContaining('it has no log varve') });

    await api.register('ada');
    await breakOff(server.url, standby, () => api.place('1', 'ada', 'lantern', 1));
    await conflict(primary, standby, restock);
    expect(await server.end('SIGTERM')).toBe(0);
  }, 120_000);
});

async function standStill(standby: string): Promise<void> {
  await asked(standby, 'SELECT pg_wal_replay_pause()');
  await vi.waitFor(() => expect(asked(standby, 'SELECT pg_get_wal_replay_pause_state()')).resolves.toBe('paused'));
}

/** A live message leads to what the standby has not come to in time: the stream ends before it, and goes on with it when its reader comes back. */
async function breakOff(url: string, standby: string, place: () => Promise<unknown>): Promise<void> {
  const query = encodeURIComponent('subscription { ordersChanged { orderId order { user { username } } } }');
  const follow = (more: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}?query=${query}`, { headers: { accept: 'text/event-stream', ...more } });
  const stream = await follow();
  await standStill(standby);
  await place();
  const told = await stream.text();
  expect(told).toMatch(/\n: REPLICA_BEHIND: come back.*\nretry: 1000\n\n$/);
  expect(told).not.toContain('data:');
  await asked(standby, 'SELECT pg_wal_replay_resume()');
  const [, last = ''] = /.*^id: (\d+)$/ms.exec(told) ?? [];
  const again = await follow({ 'last-event-id': last });
  let text = '';
  for await (const chunk of again.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes('data:')) break;
  }
  expect(text).toContain('data: {"data":{"ordersChanged":{"orderId":"1","order":{"user":{"username":"ada"}}}}}');
}

/** Has a read see what is then cleared away on the primary: the standby cannot follow while it lasts, and ends it. */
async function conflict(primary: string, standby: string, change: () => Promise<unknown>): Promise<void> {
  const own = openPostgresReader(primary);
  const replica = await openPostgresReplica(standby, { log: 'varve', primary: own.moments });
  try {
    const moment = await replica.moments.begin();
    const read = () => moment.read(`SELECT count(*) FROM ${moment.schema}.products`);
    expect(await read()).toEqual([[1]]);
    await change();
    await asked(primary, 'VACUUM varve.products');
    const fault = { code: 'STORE_UNAVAILABLE', retryable: true, message: expect.stringContaining('stood in the way') };
    await vi.waitFor(() => expect(read()).rejects.toMatchObject(fault), { timeout: 10_000, interval: 50 });
    moment.end();
  } finally {
    await Promise.all([own.close(), replica.close()]);
  }
}
