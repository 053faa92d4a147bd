import { describe, expect, test } from 'vitest';
import { codeOf } from './client.ts';
import { composedMissing, startComposed } from './composedrun.ts';
import { asked } from './faults/database.ts';
import { RestockProductDocument } from './generated/graphql.ts';
import { pause } from './load.ts';
import { shopClient } from './shop-client.ts';
import { openSocket, openSse, type Result } from './streams/connections.ts';

const missing = composedMissing();
const title = 'the services of the compose file, by the real programs';

/** Follows the products by a transport; answers the stocks that it has heard of. */
function followed(url: string, open: typeof openSse) {
  const stocks: number[] = [];
  const next = ({ data }: Result) => {
    const { productsChanged } = data as { readonly productsChanged: { readonly product: { readonly stock: number } } };
    stocks.push(productsChanged.product.stock);
  };
  const query = 'subscription { productsChanged(snapshot: 0) { product { stock } } }';
  const connection = open({ url }, { query, variables: {} }, { next, id: () => undefined, ended: () => undefined });
  return { stocks, [Symbol.dispose]: () => connection.cut() };
}

describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (skipped: ${missing})`, () => {
  test('serve behind one address, stream at once, go on without a process, and without the primary when the standby is promoted', async () => {
    await using cluster = await startComposed();
    const [primary, standby] = cluster.urls;
    const api = shopClient(cluster.url);
    let stock = 5;
    /** Sends it until it is accepted, as a client does, with its id; answers how often that took. */
    const restocked = async () => {
      stock += 1;
      for (let tries = 1; ; tries++) {
        const variables = { input: { sku: 'lantern', quantity: 1 }, options: { commandId: `to ${stock}` } };
        const answer = await api.ask(RestockProductDocument, variables).catch(() => undefined);
        if (answer?.data?.restockProduct.__typename === 'ProductAccepted') return tries;
        if (answer) expect(['STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'SHUTTING_DOWN']).toContain(codeOf(answer));
        await pause(100);
      }
    };
    await api.add('lantern', stock);
    expect(await asked(primary, 'SELECT sync_state FROM pg_stat_replication')).toBe('sync');

    using sse = followed(cluster.url, openSse);
    using socket = followed(cluster.url, openSocket);
    await expect
      .poll(async () => (await restocked()) && Math.min(sse.stocks.length, socket.stocks.length), { timeout: 20_000 })
      .toBeGreaterThan(0);
    await restocked();
    for (const { stocks } of [sse, socket]) await expect.poll(() => stocks.at(-1), { timeout: 1_000 }).toBe(stock);

    await cluster.end('varve3', 'SIGTERM');
    const tries: number[] = [];
    for (let i = 0; i < 12; i++) tries.push(await restocked());
    expect(tries).toEqual(tries.map(() => 1));

    await cluster.endPrimary();
    cluster.promote();
    await restocked();
    expect(await asked(standby, `SELECT stock FROM varve.products WHERE sku = 'lantern'`)).toBe(stock);
    expect(await api.stockOf('lantern')).toBe(stock);
  }, 200_000);
});
