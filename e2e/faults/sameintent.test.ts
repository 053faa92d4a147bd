import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventsOf } from '../data-folder.ts';
import { PlaceOrderDocument, type PlaceOrderMutation } from '../generated/graphql.ts';
import { orderOf, stockUp } from '../load.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { shopClient } from '../shop-client.ts';
import { type KillPoint, killedAt } from './killpoint.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const counts = [2, 10, 100];
type Placed = PlaceOrderMutation['placeOrder'];

/** Sends one command so often at once. */
const crowd = (url: string, id: string, count: number): Promise<Placed>[] =>
  Array.from({ length: count }, async () => (await shopClient(url).data(PlaceOrderDocument, orderOf(id))).placeOrder);

/** All were accepted, at one position; so many of them say that they were the first. */
function expectOne(placed: readonly Placed[], first: number): void {
  expect(new Set(placed.map((one) => one.__typename))).toEqual(new Set(['OrderAccepted']));
  expect(new Set(placed.map((one) => 'position' in one && one.position)).size).toBe(1);
  expect(placed.filter((one) => 'replayed' in one && !one.replayed)).toHaveLength(first);
}

describe('the same intent over HTTP', () => {
  const folder = temporaryFolder();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServerProcess(folder.path);
    await stockUp(server.url);
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    folder[Symbol.dispose]();
  });

  test.each(counts)('%i times at once, and again while it is answered and after, has one effect and one outcome', async (count) => {
    const api = shopClient(server.url);
    const stock = Number(await api.stockOf('lantern'));
    const [id, position] = [`crowd-${count}`, await api.position()];
    const early = crowd(server.url, id, count);
    await Promise.race(early);
    const late = crowd(server.url, id, count);
    const placed = await Promise.all([...early, ...late]);
    expectOne([...placed, ...(await Promise.all(crowd(server.url, id, count)))], 1);
    expect([await api.position(), await api.stockOf('lantern')]).toEqual([position + 1, stock - 1]);
  });

  test.each(counts)('%i times at once, refused, leaves nothing; tried again with the same id it takes effect once', async (count) => {
    const api = shopClient(server.url);
    const [sku, position] = [`scarce-${count}`, await api.position()];
    const place = () => api.place(`scarce-${count}`, 'ada', sku, 1, { commandId: `scarce-${count}` });
    const refused = await Promise.all(Array.from({ length: count }, place));
    expect(new Set(refused.map((one) => one.__typename))).toEqual(new Set(['ProductNotFound']));
    expect(await api.position()).toBe(position);
    await api.add(sku, 5);
    expectOne(await Promise.all(Array.from({ length: count }, place)), 1);
    expect([await api.position(), await api.stockOf(sku)]).toEqual([position + 2, 4]);
  });
});

const moments: readonly (readonly [string, KillPoint, isThere: boolean])[] = [
  ['before its commit', { at: 'statement', sql: '^INSERT INTO commands ', when: 'after', nth: 1 }, false],
  ['between its commit and the answers', { at: 'handing out', nth: 1 }, true],
];

test.each(moments)(
  'the same intent two, ten and a hundred times at once, across a kill %s, has one effect and one outcome',
  async (_, point, isThere) => {
    using folder = temporaryFolder();
    const first = await startServerProcess(folder.path);
    await stockUp(first.url);
    await first.end('SIGTERM');
    const killed = await startServerProcess(folder.path, killedAt(point));
    const all = (url: string) => counts.map((count) => crowd(url, `killed-${count}`, count));
    for (const one of await Promise.allSettled(all(killed.url).flat())) expect(one.status).toBe('rejected');
    expect(await killed.end('SIGKILL')).toBe('SIGKILL');
    const stored = eventsOf(folder.path).length - 2;
    // Whatever shared the commit is there with it.
    expect(stored > 0).toBe(isThere);

    await using again = await startServerProcess(folder.path);
    const placed = await Promise.all(all(again.url).map((sent) => Promise.all(sent)));
    let firsts = 0;
    for (const one of placed) {
      const isFirst = one.some((answer) => 'replayed' in answer && !answer.replayed);
      firsts += Number(isFirst);
      expectOne(one, Number(isFirst));
    }
    expect(firsts).toBe(counts.length - stored);
    expect(await shopClient(again.url).stockOf('lantern')).toBe(1_000_000 - counts.length);
    await again.end('SIGTERM');
    expect(
      eventsOf(folder.path)
        .map(({ commandId }) => commandId)
        .slice(2)
        .sort(),
    ).toEqual(counts.map((count) => `killed-${count}`).sort());
  },
);
